{{ dividend_check('dividend_not_reflected', '<', 'not reflected') }}
