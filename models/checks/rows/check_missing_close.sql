{{ missing_value('close') }}
