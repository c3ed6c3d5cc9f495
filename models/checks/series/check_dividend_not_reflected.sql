{{ dividend_check('dividend_not_reflected', 'dividend_share_high', '<', 'not reflected') }}
