-- Everything later waits for this model and its test: a row here stops the build, for everybody.
with

failures as (

    select * from {{ ref('int_checks__failures') }}

),

final as (

    select * from failures
    where severity = 'stop'

)

select * from final
