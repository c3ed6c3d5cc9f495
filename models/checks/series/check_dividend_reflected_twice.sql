{{ dividend_check('dividend_reflected_twice', 'share_least', '>', 'reflected twice') }}
