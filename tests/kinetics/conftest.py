"""Models for the engine's tests, made up here."""

from pathlib import Path

import pytest

from screen.kinetics import Engine, Model, compile_engine, load_model

CASCADE = """
model cascade
  // a receptor with ligand, a two-step cascade with negative feedback, a drug pressure, log cell number
  L = 2; R = 10; RL = 0; K = 100; Kp = 0; E = 50; Ep = 0; T = 1; log_cells = 0
  drug = 0; K_drug = 20; h = 1.3
  u := (drug / K_drug)^h
  kon = 0.05; koff = 0.1; kdeg = 0.02; ksyn = 0.2
  k1 = 0.8; K1 = 30; d1 = 0.3; k2 = 0.01; d2 = 0.2; Kf = 20; n = 2.4; g = 0.03; Kg = 10
  J1: L + R -> RL; kon * L * R / (1 + u) - koff * RL
  J2: -> R; ksyn
  J3: R -> ; kdeg * R
  J4: RL -> ; 3 * kdeg * RL
  J5: -> L; 0.05
  J6: K -> Kp; k1 * RL * K / (K1 + K) / (1 + (Ep / Kf)^n)
  J7: Kp -> K; d1 * Kp
  J8: E -> Ep; k2 * Kp * E
  J9: Ep -> E; d2 * Ep
  J10: -> T; 0.1 * sqrt(Ep / 10) * exp(-T / 50)
  J11: T ->; 0.05 * T
  log_cells' = g * Ep / (Kg + Ep) - 0.01
end
"""

STIFF = """
model robertson
  A = 1; B = 0; C = 0; k1 = 0.04; k2 = 3e7; k3 = 1e4
  J1: A -> B; k1 * A
  J2: B + B -> C + B; k2 * B * B
  J3: B + C -> A + C; k3 * B * C
end
"""


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compiled programs go to a folder of this test run."""
    patch = pytest.MonkeyPatch()
    patch.setenv("HERSCREEN_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def cascade() -> Model:
    return load_model(CASCADE)


@pytest.fixture(scope="session")
def engine(cascade: Model, _cache: None) -> Engine:
    return compile_engine(cascade, ["Ep", "RL", "amount(T)", "log_cells", "u", "J6"])


@pytest.fixture(scope="session")
def robertson(_cache: None) -> Engine:
    return compile_engine(load_model(STIFF), ["A", "B", "C"])


@pytest.fixture(scope="session")
def faratian(shared: Path, _cache: None) -> Model:
    path = shared / "models" / "BIOMD0000000424_Faratian2009_PTEN_trastuzumab.xml"
    if not path.is_file():
        pytest.skip("the model of Faratian 2009 is not beside the checkout")
    return load_model(path.read_text().replace('fast="true"', 'fast="false"'))
