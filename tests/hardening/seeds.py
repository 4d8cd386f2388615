"""Sound input, small, one of each kind: what the fuzzing targets and the attack damage."""

TINY = """\
cell_lines: [SKBR3]
combinations: {pairs: [[trastuzumab, pictilisib]]}
doses: {points: 3}
times: 24 h
"""
LARGER = """\
description: a screen with most of what a configuration may say
cell_lines:
- SKBR3
- {name: low, parent: BT474, perturbation: {IRS1: 0.3, p95HER2: 1}}
- {mixture: {SKBR3: 0.9, SKBR3-pool2: 0.1}, name: mixed}
combinations: {anchor: trastuzumab, partners: [linsitinib, alpelisib], exclude: [[trastuzumab, alpelisib]]}
doses: {points: 4, drugs: {linsitinib: {points: 3}}}
schedules: [concurrent, {name: later, partner: {start: 24 h}}]
times: [24 h, 3 d]
readouts: [viability, gr_value, pAKT_S473]
synergy: [bliss, zip]
replicates: {number: 2, noise: {additive: 0.02}}
seed: 7
solver: {rtol: 1e-6}
"""
PANEL = "line,HER2,IRS1,PTEN\na,1.5,0.3,1\nb,2,1,0\nc,0.1,4,1\n"
DRAWS = "draw\tk_birth\n0\t0.03\n1\t0.04\n2\t0.05\n"
EVIDENCE = """\
id,kind,cell_line,treatment,perturbation,time_h,ref_cell_line,ref_treatment,ref_perturbation,ref_time_h,observable,\
statistic,lower,upper
a,level,SKBR3,trastuzumab=68,,24,,,,,pAKT_S473,ratio,0,1
b,level,BT474,lapatinib=100;linsitinib=100,HER2=0.5,24,BT474,,,,pERK,difference,-1,1
"""
EXPRESSION = "gene,a,b\nERBB2,9.1,4\nERBB3,5,3\nIGF1R,2,6\nIRS1,3,3\nPTEN,4,1\nEGFR,1,2\n"
PLATES = "block_id,drug_row,drug_col,conc_r,conc_c,conc_unit,response\n" + "".join(
    f"1,trastuzumab,lapatinib,{one},{two},nM,{100 - 9 * row - 11 * column}\n"
    for row, one in enumerate((0, 1, 10, 100))
    for column, two in enumerate((0, 5, 50, 500))
)
MODEL = """\
function f(x)
  x / (1 + x)
end
model m
  J1: -> S1; k1 * f(S2)
  J2: S1 -> S2; k2 * S1
  J3: S2 -> ; k3 * S2
  k1 = 1; k2 = 0.5; k3 = 0.1; S1 = 1; S2 = 2
  total := S1 + S2
end
"""
SBML = """\
<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">
  <model id="m">
    <listOfCompartments><compartment id="c" size="1" constant="true" spatialDimensions="3"/></listOfCompartments>
    <listOfSpecies>
      <species id="S" compartment="c" initialConcentration="2" hasOnlySubstanceUnits="false" boundaryCondition="false"
        constant="false"/>
    </listOfSpecies>
    <listOfParameters><parameter id="k" value="0.3" constant="true"/></listOfParameters>
    <listOfReactions>
      <reaction id="J" reversible="false" fast="false">
        <listOfReactants><speciesReference species="S" stoichiometry="1" constant="true"/></listOfReactants>
        <kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><ci>k</ci><ci>S</ci></apply></math>
        </kineticLaw>
      </reaction>
    </listOfReactions>
  </model>
</sbml>
"""
OWN_MODEL = """\
model:
  file: m.ant
  time_unit: h
  start: initial
  drugs:
    a: {action: inhibits, target: k1, IC50: 10 nM, low: 1 nM, high: 100 nM}
    b: {action: inhibits, target: k2, IC50: 10 nM, low: 1 nM, high: 100 nM}
  cell_lines: {base: {}}
  readouts: {level: S1}
  viability: level
cell_lines: [base]
combinations: {pairs: [[a, b]]}
doses: {points: 3}
times: 24 h
"""
SCREENS = {
    "panel": TINY.replace("[SKBR3]", "[{table: t.csv}]"),
    "draws": f"{TINY}ensemble: {{draws: 2, table: t.tsv}}\n",
    "expression": TINY.replace("[SKBR3]", "[{expression: x.csv}]"),
    "model": OWN_MODEL,
}
