-- What did the checks find, by check and asset?
select
    checks.check_id,
    failures.severity,
    failures.symbol,
    count(*) as findings,
    min(failures.session_date) as first_session,
    max(failures.session_date) as last_session,
    failures.threshold as check_limit,
    checks.description as wrong
from marts.fct_data_check_failures as failures
inner join marts.dim_data_checks as checks
    on failures.check_id = checks.check_id
group by all
order by findings desc, checks.check_id asc, failures.symbol asc
