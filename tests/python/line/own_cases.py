"""What a user may bring that cannot be used, and what the refusal must say."""

STRATEGY = '''
from plumbline.engine.registry import Parameter, strategy
import numpy as np

@strategy("mine", {parameters})
def mine(view, parameters):
    """Holds something."""
    {body}
'''
HOLD = 'Parameter("mine_hold", 5, 1, 9, move="steps", unit="sessions", meaning="How long.")'
SOUND = "return np.zeros(view.ret.shape)"

# parameters, body, what the message must say
COMPONENTS = {
    "column's name": (
        'Parameter("description", 5, 1, 9)',
        SOUND,
        ("'description'", "that of a column of variants.csv"),
    ),
    "private name": ('Parameter("_hold", 5, 1, 9)', SOUND, ("'_hold'", "a letter first")),
    "bounds turned round": ('Parameter("mine_hold", 5, 9, 1)', SOUND, ("lowest 9 is above highest 1",)),
    "nothing declared": ('Parameter("mine_hold", None)', SOUND, ("the default must be", "is None")),
    "declared twice": (f"{HOLD}, {HOLD}", SOUND, ("parameter 'mine_hold' is declared twice",)),
    "declared otherwise": (
        'Parameter("trend_hold", 4, 1, 9, move="steps")',
        SOUND,
        ("'trend_hold' is declared in another way", "trend.py"),
    ),
    "default too high": (
        'Parameter("mine_hold", 12, 1, 9)',
        SOUND,
        ("'mine_hold'", "the default must be a whole number from 1 to 9, is 12"),
    ),
    "no such move": (
        'Parameter("mine_hold", 5, move="sideways")',
        SOUND,
        ("move must be one of relative, deviation",),
    ),
    "a list": ("", "return [1, 2, 3]", ("returned shape (3,)", "positions must be of shape")),
    "a text": ("", "return 'long'", ("returned str", "must be an array of shape")),
    "one row less": ("", "return np.zeros(view.ret.shape)[1:]", ("returned shape", "must be of shape")),
    "nothing known": (
        "",
        "return np.full(view.ret.shape, np.nan)",
        ("position of A on", "is nan; it must be 0 or 1"),
    ),
    "too much": ("", "return np.full(view.ret.shape, 2.0)", ("is 2; it must be 0 or 1",)),
    "short": ("", "return -np.ones(view.ret.shape)", ("is -1; it must be 0 or 1", "shorts=True")),
    "half": ("", "return np.full(view.ret.shape, 0.5)", ("is 0.5; it must be 0 or 1", "parts=True")),
    "a mistake": ("", "return view.momentum(20) > limit", ("line 8", "NameError", "limit")),
    "no such feature": (
        "",
        "return view.feature('beta', 20) > 0",
        ("no feature 'beta'; there are drawdown, momentum",),
    ),
    "a window of nothing": (
        "",
        "return view.momentum(0) > 0",
        ("window of momentum must be a whole number of 1 or more, is 0",),
    ),
    "not its own": (
        "",
        "return view.ret * parameters.trend_hold",
        ("reads parameter 'trend_hold', which it does not declare",),
    ),
    "no such asset": (
        "",
        "return view.price[:, view.column('NONE')]",
        ("symbol 'NONE' is not among the assets",),
    ),
    "writes to the bars": ("", "view.price[0] = 1.0\n    return np.zeros(view.ret.shape)", ("read-only",)),
}

# file, its lines after the header, what the message must say
ROWS = {
    "cells": (
        "variants.csv",
        "a,baseline,Words, more words,rule,,,",
        ("own/variants.csv, line 2", "8 cells", "7"),
    ),
    "value": (
        "variant_parameters.csv",
        "mine,trend_hold,0",
        ("own/variant_parameters.csv, line 2, column trend_hold", "whole number of 1 or more, is '0'"),
    ),
    "fraction": ("variant_parameters.csv", "mine,trend_hold,2.5", ("column trend_hold", "is '2.5'")),
    "word": (
        "variant_parameters.csv",
        "mine,cost_bps,five",
        ("column cost_bps", "must be a number of 0 or more, is 'five'"),
    ),
    "infinite": ("variant_parameters.csv", "mine,cost_bps,inf", ("column cost_bps", "is 'inf'")),
    "choice": (
        "variant_parameters.csv",
        "mine,cap,soft",
        ("column cap", "one of renormalise, exact, is 'soft'"),
    ),
    "name": (
        "variant_parameters.csv",
        "mine,trend_hodl,5",
        ("line 2, column parameter", "'trend_hodl' is no parameter; there are", "trend_hold"),
    ),
    "twice": (
        "variant_parameters.csv",
        "mine,cost_bps,5\nmine,cost_bps,6",
        ("line 3", "has a value already"),
    ),
    "whose": (
        "variant_parameters.csv",
        "nobody,cost_bps,5",
        ("line 2, column variant_id", "'nobody' is no variant"),
    ),
    "base": (
        "variants.csv",
        "a,basline,Words.,,,,",
        ("own/variants.csv, line 2, column base_variant_id", "'basline' is no variant", "baseline"),
    ),
    "circle": ("variants.csv", "a,b,Words.,,,,\nb,a,Words.,,,,", ("line 2", "leads in a circle")),
    "taken": (
        "variants.csv",
        "baseline,,Words.,,,,",
        ("line 2, column variant_id", "'baseline' stands in seeds/variants.csv, line 2 already"),
    ),
    "id": ("variants.csv", "a b,baseline,Words.,,,,", ("column variant_id", "letters, digits", "'a b'")),
    "no words": ("variants.csv", "a,baseline,,,,,", ("column description",)),
    "allocator": (
        "variants.csv",
        "a,baseline,Words.,rul,,,",
        ("line 2, column allocator", "no allocator 'rul' is registered; there are always, blend"),
    ),
    "strategy": (
        "variants.csv",
        "a,baseline,Words.,always,tren,,",
        ("line 2, column follows", "there are meanrev, trend"),
    ),
    "lag": (
        "variant_parameters.csv",
        "mine,state_lag,0",
        ("column state_lag", "must be 1 where cost_basis is net"),
    ),
    "shares": ("variants.csv", "a,published,Words.,blend,,,", ("column allocator", "must follow one")),
    "same": ("variant_parameters.csv", "mine,down,trend", ("chooses among trend, trend",)),
    "scenario kind": (
        "scenarios.csv",
        "s,gapp,Words.,{}",
        ("own/scenarios.csv, line 2", "kind 'gapp' is none of window, bootstrap"),
    ),
    "scenario json": ("scenarios.csv", "s,gap,Words.,size", ("line 2", "no JSON")),
    "scenario value": (
        "scenarios.csv",
        's,gap,Words.,"{""size"": -2}"',
        ("line 2", "size must be a number of -0.95 or more, is -2"),
    ),
    "scenario name": (
        "scenarios.csv",
        's,gap,Words.,"{""sise"": -0.1}"',
        ("no parameter 'sise'; it has size, assets",),
    ),
    "scenario day": (
        "scenarios.csv",
        's,window,Words.,"{""from"": ""2008-13-01"", ""to"": ""2009-01-01""}"',
        ("line 2", "from '2008-13-01'"),
    ),
    "scenario turned round": (
        "scenarios.csv",
        's,window,Words.,"{""from"": ""2009-01-01"", ""to"": ""2008-01-01""}"',
        ("line 2", "ends before it begins"),
    ),
    "scenario paths": (
        "scenarios.csv",
        's,bootstrap,Words.,"{""paths"": -5, ""block"": 20, ""seed"": 1}"',
        ("line 2", "must be a whole number of 1 or more, is -5"),
    ),
    "scenario strategy": (
        "scenarios.csv",
        's,reversal,Words.,"{""strategy"": ""tren""}"',
        ("line 2", "no strategy 'tren' is registered; there are meanrev, trend"),
    ),
    "claim benchmark": (
        "claims.csv",
        "c,baseline,cahs,0,2026-01-02,Words.",
        ("line 2, column benchmark_id", "'cahs' is of no benchmark", "always_long"),
    ),
    "scenario twice": ("scenarios.csv", "cost_0,cost,Words.,{}", ("'cost_0' stands in seeds/scenarios.csv",)),
    "override check": (
        "data_check_overrides.csv",
        "unit_brake,SPY,warn,,why",
        ("own/data_check_overrides.csv, line 2, column check_id", "is no check", "unit_break"),
    ),
    "override severity": (
        "data_check_overrides.csv",
        "unit_break,SPY,ignore,,why",
        ("column severity", "reject, fail, stop, warn"),
    ),
    "override threshold": (
        "data_check_overrides.csv",
        "unit_break,SPY,,high,why",
        ("column threshold", "'high'"),
    ),
    "claim": (
        "claims.csv",
        "c,nothing,cash,0,2026-01-02,Words.",
        ("own/claims.csv, line 2, column variant_id", "'nothing' is no variant"),
    ),
    "claim date": ("claims.csv", "c,baseline,cash,0,2nd of May,Words.", ("column stated_on", "2nd of May")),
    "claim gain": (
        "claims.csv",
        "c,baseline,cash,-1,2026-01-02,Words.",
        ("column minimum_gain", "0 or more"),
    ),
    "claim gain in words": ("claims.csv", "c,baseline,cash,some,2026-01-02,Words.", ("'some'",)),
    "claim without words": (
        "claims.csv",
        "c,baseline,cash,0,2026-01-02,",
        ("column description", "in words"),
    ),
    "claim name": ("claims.csv", "a b,baseline,cash,0,2026-01-02,Words.", ("column claim_id", "'a b'")),
    "claim twice": (
        "claims.csv",
        "c,baseline,cash,0,2026-01-02,Words.\nc,baseline,cash,0,2026-01-02,Words.",
        ("own/claims.csv, line 3, column claim_id", "'c' stands in own/claims.csv, line 2 already"),
    ),
    "claim of ours": (
        "claims.csv",
        "baseline,baseline,cash,0,2026-01-02,Words.",
        ("'baseline' stands in seeds/claims.csv, line 2 already",),
    ),
}
HEADERS = {
    "variants.csv": "variant_id,base_variant_id,description,allocator,follows,weighting,cost",
    "variant_parameters.csv": "variant_id,parameter,value",
    "scenarios.csv": "scenario_id,kind,description,parameters",
    "data_check_overrides.csv": "check_id,symbol,severity,threshold,reason",
    "claims.csv": "claim_id,variant_id,benchmark_id,minimum_gain,stated_on,description",
}
