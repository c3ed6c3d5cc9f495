{{ dividend_check('dividend_reflected_twice', 'dividend_share_low', '>', 'reflected twice') }}
