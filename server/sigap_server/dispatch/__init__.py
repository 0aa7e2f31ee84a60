"""Dispatch: which car goes to which caller, as pure functions over an append-only log of events.

    decide(state, input, now_ms, fleet, policy) → events      core.py
    evolve(state, event) → state                              state.py
    orders_for(event, state) → orders for the wire            orders.py

Nothing here reads a clock, a socket or a database, and nothing here changes what it was given.
"""
