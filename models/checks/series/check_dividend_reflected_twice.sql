{{ dividend_check('dividend_reflected_twice', '>', 'reflected twice') }}
