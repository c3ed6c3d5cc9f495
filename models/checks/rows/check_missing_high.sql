{{ missing_value('high') }}
