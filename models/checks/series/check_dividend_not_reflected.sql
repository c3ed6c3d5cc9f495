{{ dividend_check('dividend_not_reflected', 'share_most', '<', 'not reflected') }}
