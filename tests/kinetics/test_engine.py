"""The batched engine against the reference solver, and its promises: bitwise equal results, errors within
bounds.
"""

import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest
from scipy.linalg import null_space

from screen.errors import InputError
from screen.kinetics import Engine, Model, Status, compile_engine, load_model

TIMES = np.array([0.0, 1.0, 10.0, 72.0])


def rows(engine: Engine, count: int, seed: int = 0) -> np.ndarray:
    """Random conditions: log-normal factors on every parameter, a spread of doses."""
    random = np.random.default_rng(seed)
    parameters = engine.defaults * np.exp(0.3 * random.standard_normal((count, len(engine.parameters))))
    if "drug" in engine.parameters:
        parameters[:, engine.index("drug")] = np.where(
            np.arange(count) % 4, 10 ** random.uniform(-1, 3, count), 0.0
        )
    return parameters


@pytest.mark.slow
def test_agrees_with_the_reference_solver(engine: Engine) -> None:
    parameters = rows(engine, 40)
    found = engine.simulate(TIMES, parameters, rtol=1e-8, atol=1e-10)
    expected = engine.simulate(TIMES, parameters, rtol=1e-11, atol=1e-13, solver="scipy")
    assert np.all(found.status == Status.ok)
    assert np.all(expected.status == Status.reference)
    np.testing.assert_allclose(found.values, expected.values, rtol=3e-7, atol=1e-8)


@pytest.mark.parametrize("rtol", [1e-3, 1e-4, 1e-6])
def test_the_error_is_what_the_tolerance_says(engine: Engine, rtol: float) -> None:
    parameters = rows(engine, 1000)
    scale = 1e-3
    found = engine.simulate([72.0], parameters, rtol=rtol, atol=rtol * scale).state
    exact = engine.simulate([72.0], parameters, rtol=1e-11, atol=1e-13).state
    error = np.max(np.abs(found - exact) / (np.abs(exact) + scale), axis=1)
    assert np.quantile(error, 0.99) < 10 * rtol


def test_a_stiff_problem_has_its_known_solution(robertson: Engine) -> None:
    found = robertson.simulate([40.0, 4e5], robertson.defaults[None], rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(found.values[0, 0], [0.7158270688, 9.185534765e-06, 0.2841637457], rtol=2e-8)
    assert found.values[0].sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-10)


def test_bits_do_not_depend_on_batch_order_or_neighbours(engine: Engine) -> None:
    parameters = rows(engine, 101)
    whole = engine.simulate(TIMES, parameters)
    order = np.random.default_rng(1).permutation(101)
    shuffled = engine.simulate(TIMES, parameters[order])
    assert np.array_equal(shuffled.values, whole.values[order])
    assert np.array_equal(shuffled.steps, whole.steps[order])
    for k in (0, 7, 100):
        alone = engine.simulate(TIMES, parameters[k : k + 1])
        assert np.array_equal(alone.values[0], whole.values[k])
        assert np.array_equal(alone.state[0], whole.state[k])


def test_bits_do_not_depend_on_threads(engine: Engine) -> None:
    parameters = rows(engine, 64)
    whole = engine.simulate(TIMES, parameters).values
    parts: list[np.ndarray | None] = [None] * 4

    def work(k: int) -> None:
        parts[k] = engine.simulate(TIMES, parameters[16 * k : 16 * k + 16]).values

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(np.concatenate([p for p in parts if p is not None]), whole)


@pytest.mark.slow
def test_bits_do_not_depend_on_the_process(engine: Engine, tmp_path: object) -> None:
    parameters = rows(engine, 9)
    script = (
        "import pickle, sys\n"
        "engine, times, parameters = pickle.load(sys.stdin.buffer)\n"
        "sys.stdout.buffer.write(engine.simulate(times, parameters).values.tobytes())\n"
    )
    payload = pickle.dumps((engine, TIMES, parameters))
    done = subprocess.run([sys.executable, "-c", script], input=payload, capture_output=True, check=True)
    assert done.stdout == engine.simulate(TIMES, parameters).values.tobytes()


@pytest.mark.slow
def test_bits_do_not_depend_on_the_width(cascade: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    from screen.codegen.target import Host, host

    results = []
    for width in (1, 4, 8):
        monkeypatch.setattr(Host, "width", property(lambda _self, width=width: width))
        assert host().width == width
        engine = compile_engine(cascade, ["Ep", "log_cells"])
        assert engine.layout.width == width
        results.append(engine.simulate(TIMES, rows(engine, 13)).values)
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])


def test_outputs_between_steps_do_not_change_the_steps(engine: Engine) -> None:
    parameters = rows(engine, 16)
    few = engine.simulate([72.0], parameters)
    many = engine.simulate(np.linspace(0, 72, 200), parameters)
    assert np.array_equal(few.steps, many.steps)
    assert np.array_equal(few.values[:, -1], many.values[:, -1])
    assert np.array_equal(few.state, many.state)
    exact = engine.simulate(np.linspace(0, 72, 200), parameters, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(many.values, exact.values, rtol=1e-4, atol=1e-6)


def test_the_state_at_time_zero_is_the_start(engine: Engine) -> None:
    parameters = rows(engine, 5)
    only = engine.simulate([0.0], parameters)
    assert np.array_equal(only.state, engine.initial_state(parameters))
    assert np.array_equal(only.values[:, 0], engine.readout(parameters, only.state))
    assert np.all(only.steps == 0)


def test_going_on_from_a_state_is_going_on(engine: Engine) -> None:
    parameters = rows(engine, 6)
    half = engine.simulate([30.0], parameters, rtol=1e-9, atol=1e-11)
    rest = engine.simulate([42.0], parameters, start=half.state, rtol=1e-9, atol=1e-11)
    whole = engine.simulate([72.0], parameters, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(rest.values, whole.values, rtol=1e-7, atol=1e-9)


@pytest.mark.slow
def test_a_published_model_keeps_its_conserved_totals(faratian: Model) -> None:
    engine = compile_engine(faratian, [])
    assert len(engine.states) == 55
    random = np.random.default_rng(0)
    rows = engine.defaults * np.exp(0.3 * random.standard_normal((200, len(engine.parameters))))
    rates = engine.rates(rows, random.uniform(1.0, 100.0, (200, len(engine.states))))
    scale = np.abs(rates).max(axis=0)
    totals = null_space(rates / scale, rcond=1e-12) / scale[:, None]  # weights whose sum no rate changes
    assert totals.shape[1] > 5
    found = engine.simulate([3600.0], rows[:16], rtol=1e-4, atol=1e-7)
    start = engine.initial_state(rows[:16])
    drift = (found.state - start) @ totals
    assert np.all(np.abs(drift) <= 1e-9 * (np.abs(start) @ np.abs(totals)).max())


def test_steps_are_counted_per_trajectory_and_capped(engine: Engine) -> None:
    parameters = rows(engine, 20)
    free = engine.simulate([72.0], parameters)
    assert np.all(free.steps > 5)
    assert len(set(free.steps.tolist())) > 1
    limit = int(np.median(free.steps))
    capped = engine.simulate([72.0], parameters, max_steps=limit)
    over = free.steps > limit
    assert np.array_equal(capped.status == Status.max_steps, over)
    assert np.all(np.isnan(capped.values[over]))
    assert np.all(np.isnan(capped.state[over]))
    assert np.array_equal(capped.values[~over], free.values[~over])
    assert np.all(capped.steps[over] == limit)


def test_one_failure_is_one_status(engine: Engine) -> None:
    parameters = rows(engine, 10)
    parameters[3, engine.index("k1")] = np.nan
    found = engine.simulate(TIMES, parameters)
    assert found.status[3] == Status.not_finite
    assert np.all(np.isnan(found.values[3, 1:]))  # at time 0 it was still all right
    assert np.all(np.isnan(found.whole().values[3]))
    others = np.delete(np.arange(10), 3)
    assert np.all(found.status[others] == Status.ok)
    assert np.array_equal(found.values[others], engine.simulate(TIMES, parameters[others]).values)


def test_real_powers_near_zero_do_not_stall() -> None:
    text = "A -> ; k * A^0.7; B -> A; A^1.3 * 0.1 * B; k = 1; A = 0.5; B = 1"
    engine = compile_engine(load_model(text), ["A"])
    found = engine.simulate([20.0], engine.parameter_rows(3, k=[0.5, 1.0, 2.0]), rtol=1e-6, atol=1e-9)
    assert np.all(found.status == Status.ok)
    assert np.all(found.steps < 1000)
    assert np.all(np.abs(found.values) < 1e-7)


@pytest.mark.parametrize("rtol", [1e-2, 1e-3, 1e-4])
def test_no_step_leaps_over_the_pole_of_a_saturated_rate(rtol: float) -> None:
    text = "S -> P; V * S / (K + S); P -> Q; V * P / (K + P); S = 1; P = 0; Q = 0; V = 1; K = 1e-3"
    engine = compile_engine(load_model(text), ["S", "P", "Q"])
    parameters = engine.parameter_rows(200, V=np.linspace(0.5, 5, 200), S=np.linspace(0.3, 3, 200))
    found = engine.simulate([20.0], parameters, rtol=rtol, atol=rtol * 1e-3, retry=False)
    assert np.all(found.status == Status.ok)
    assert np.all(found.steps < 100)
    used_up = np.zeros((200, 3))
    used_up[:, 2] = parameters[:, engine.index("S")]
    np.testing.assert_allclose(found.values[:, 0], used_up, rtol=rtol, atol=10 * rtol * 1e-3)


def test_a_species_may_fall_below_zero_where_its_rate_says_so() -> None:
    engine = compile_engine(load_model("S -> ; k * cos(time); S = 0.5; k = 1"), ["S"])
    found = engine.simulate([1.0, 60.0], engine.parameter_rows(2), rtol=1e-6, atol=1e-9, retry=False)
    assert np.all(found.status == Status.ok)
    np.testing.assert_allclose(found.values[0, :, 0], 0.5 - np.sin([1.0, 60.0]), atol=1e-5)
    assert found.values[0, 0, 0] < 0
    assert np.all(found.steps < 1500)


@pytest.mark.parametrize("n", [0.3, 0.4, 0.5, 0.7])
def test_powers_below_one_half_do_not_chatter_at_zero(n: float) -> None:
    text = "A' = s * B - k * B * A^n; B' = 0.01 * B; A = 100; B = 100; s = 1e-4; k = 1000; n = 1"
    engine = compile_engine(load_model(text), ["A"])
    found = engine.simulate([100.0], engine.parameter_rows(2, n=n), rtol=1e-4, atol=1e-7)
    assert np.all(found.status == Status.ok)
    assert np.all(found.steps < 500)
    assert np.all(np.abs(found.values - 1e-7 ** (1 / n)) < 1e-5)


def test_the_damped_slope_is_the_solver_s_alone() -> None:
    engine = compile_engine(load_model("A' = -k * A^n; A = 1e-8; k = 1; n = 0.4"), ["A"])
    state = engine.initial_state(engine.defaults[None])
    exact = -0.4 * 1e-8**-0.6
    assert engine.jacobian(engine.defaults[None], state)[0, 0, 0] == pytest.approx(exact)
    assert engine.jacobian(engine.defaults[None], state, floor=1e-6)[0, 0, 0] == pytest.approx(exact / 0.4)


def test_bad_input_is_one_clear_line(engine: Engine) -> None:
    row = engine.defaults[None]
    for call, word in (
        (lambda: engine.simulate([2.0, 1.0], row), "ascend"),
        (lambda: engine.simulate([], row), "ascend"),
        (lambda: engine.simulate([-1.0], row), "start"),
        (lambda: engine.simulate([1.0], row[:, 1:]), "shape"),
        (lambda: engine.simulate([1.0], row, start=[[1.0]]), "shape"),
        (lambda: engine.simulate([1.0], row, rtol=0), "positive"),
        (lambda: engine.index("kdegg"), "did you mean 'kdeg'"),
        (lambda: engine.index("u"), "computed"),
        (lambda: engine.steady_state(row, fixed=("log_cell",)), "did you mean 'log_cells'"),
        (lambda: compile_engine(engine.model, ["Epp"]), "did you mean 'Ep'"),
        (lambda: compile_engine(engine.model, ["amount(Q)"]), "not a species"),
    ):
        with pytest.raises(InputError, match=word) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_jacobian_is_the_derivative_of_the_rates(engine: Engine) -> None:
    parameters = rows(engine, 3)
    state = engine.simulate([20.0], parameters).state
    exact = engine.jacobian(parameters, state)
    for j in range(len(engine.states)):
        step = 1e-6 * (1 + np.abs(state[:, j]))
        up, down = state.copy(), state.copy()
        up[:, j] += step
        down[:, j] -= step
        slope = (engine.rates(parameters, up) - engine.rates(parameters, down)) / (2 * step[:, None])
        np.testing.assert_allclose(exact[:, :, j], slope, rtol=1e-5, atol=1e-7)


def test_steady_state_holds_what_is_held(engine: Engine) -> None:
    parameters = rows(engine, 12)
    found = engine.steady_state(parameters, fixed=("log_cells",))
    assert np.all(found.status == Status.ok)
    assert np.all(found.residual < 1e-9)
    assert np.all(found.stable)
    log_cells = engine.states.index("log_cells")
    assert np.all(found.state[:, log_cells] == 0)
    rates = engine.rates(parameters, found.state)
    free = np.arange(len(engine.states)) != log_cells
    assert np.max(np.abs(rates[:, free])) < 1e-8
    assert np.all(np.abs(rates[:, log_cells]) > 1e-6)
    later = engine.simulate([500.0], parameters, start=found.state)
    np.testing.assert_allclose(later.state[:, free], found.state[:, free], rtol=1e-6, atol=1e-8)


def test_steady_state_keeps_the_branch_and_conserved_totals() -> None:
    switch = load_model("""
        A -> B; k0 * A + k * A * B^4 / (K^4 + B^4); B -> A; d * B
        A = 10; B = 0; k0 = 0.01; k = 1; K = 4; d = 0.3""")
    engine = compile_engine(switch, ["A", "B"])
    parameters = engine.parameter_rows(2, A=[10.0, 1.0], B=[0.0, 9.0])
    found = engine.steady_state(parameters)
    assert np.all(found.status == Status.ok)
    assert np.all(found.stable)
    np.testing.assert_allclose(found.state.sum(axis=1), 10.0, rtol=1e-9)
    b = found.state[:, engine.states.index("B")]
    assert b[0] < 2 < 6 < b[1]


def test_steady_state_of_an_oscillator_is_a_status() -> None:
    text = "x' = a - x + x^2*y; y' = b - x^2*y; x = 1; y = 1; a = 0.08; b = 0.6"
    engine = compile_engine(load_model(text), ["x"])
    found = engine.steady_state(engine.defaults[None])
    assert found.status[0] == Status.oscillates
    assert np.all(np.isnan(found.state))


@pytest.mark.slow
def test_a_held_state_that_others_depend_on_does_not_move() -> None:
    engine = compile_engine(load_model("x' = 1 - x; y' = x - 2*y; x = 5; y = 0"), ["y"])
    found = engine.steady_state(engine.defaults[None], fixed=("x",))
    assert dict(zip(engine.states, found.state[0].tolist())) == pytest.approx({"x": 5.0, "y": 2.5})


def test_time_may_stand_in_rates() -> None:
    engine = compile_engine(load_model("x' = cos(time) - x + time^2; x = 0.5"), ["x"])
    t = np.linspace(0, 10, 11)
    found = engine.simulate(t, engine.defaults[None], rtol=1e-9, atol=1e-11).values[0, :, 0]
    exact = 0.5 * (np.cos(t) + np.sin(t)) + t**2 - 2 * t + 2 - 2 * np.exp(-t)
    np.testing.assert_allclose(found, exact, rtol=1e-7)


@pytest.mark.parametrize("text", ["a = 2; b := 3 * a", "S1 -> S2; 0; S1 = 1; S2 = 2"])
def test_models_without_change_work(text: str) -> None:
    model = load_model(text)
    engine = compile_engine(model, list(model.network.symbols))
    found = engine.simulate([0.0, 5.0], engine.defaults[None])
    assert np.all(found.status == Status.ok)
    assert np.array_equal(found.values[0, 0], found.values[0, 1])
