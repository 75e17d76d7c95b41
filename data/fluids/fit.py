"""Fits the fluids of this folder and prints their YAML numbers with the measured largest errors.

Run: python data/fluids/fit.py        (needs CoolProp >= 8, numpy, scipy; before, MPG2 viscosity was 10 times off)
Forms: rho, cp, k = sum c_i (T - T_ref)^i;  ln(mu) = sum c_i (T - T_ref)^i + B/(T - C);  T in K, SI units.
"""

import numpy as np
from CoolProp.CoolProp import PropsSI
from scipy.optimize import minimize_scalar

P = 3e5


def polynomial(T, y, T_ref, degree):
    """Least squares of the relative error."""
    A = np.vander(T - T_ref, degree + 1, increasing=True)
    c = np.linalg.lstsq(A / y[:, None], np.ones_like(y), rcond=None)[0]
    return c, A @ c / y - 1


def vogel(T, mu, T_ref, degree):
    """ln(mu) as polynomial + B/(T - C); C by a line search, the rest linear."""

    def solve(C):
        A = np.column_stack([np.vander(T - T_ref, degree + 1, increasing=True), 1 / (T - C)])
        c = np.linalg.lstsq(A, np.log(mu), rcond=None)[0]
        return c, np.exp(A @ c) / mu - 1

    C = round(minimize_scalar(lambda C: abs(solve(C)[1]).max(), bounds=(60, 200), method="bounded").x, 2)
    c, error = solve(C)
    return c[:-1], c[-1], C, error


def show(name, unit, c, T_ref, error, extra=""):
    numbers = ", ".join(f"{x:.10g}" for x in c)
    largest = f"{abs(error).max():.2g}"
    print(f"  {name}: {{unit: {unit}, T_ref: {T_ref}, coefficients: [{numbers}]{extra}, max_error: {largest}}}")


def coolprop(fluid, T_min, T_max, T_ref, degrees):
    print(f"\n{fluid}, {T_min} to {T_max} K, p = {P:g} Pa")
    T = np.linspace(T_min, T_max, 400)
    for (name, unit, key), degree in zip(
        (("rho", "kg/m3", "D"), ("cp", "J/(kg.K)", "C"), ("k", "W/(m.K)", "L")), degrees, strict=False
    ):
        c, error = polynomial(T, PropsSI(key, "T", T, "P", P, fluid), T_ref, degree)
        show(name, unit, c, T_ref, error)
    mu = PropsSI("V", "T", T, "P", P, fluid)
    if degrees[3] < 3:
        c, B, C, error = vogel(T, mu, T_ref, degrees[3])
        show("mu", "Pa.s", c, T_ref, error, f", B: {B:.10g}, C: {C}")
    else:
        A = np.vander(T - T_ref, degrees[3] + 1, increasing=True)
        c = np.linalg.lstsq(A, np.log(mu), rcond=None)[0]
        show("mu", "Pa.s", c, T_ref, np.exp(A @ c) / mu - 1)


def mixture(fluid):
    """Melinder's own form, powers of share and temperature about (x_ref, T_ref), found back from CoolProp's values.

    The rows of a property go by powers of the share, the numbers in a row by powers of temperature. The error is the
    largest from 0 to 60 % by mass, from freezing to 100 degC."""
    x_ref, T_ref, powers = 0.307, 305.86, [(i, j) for i, n in enumerate((4, 4, 4, 3, 2, 1)) for j in range(n)]
    x = np.linspace(0, 0.6, 31)
    freeze = np.array([PropsSI("T_freeze", "T", 300, "P", P, f"INCOMP::{fluid}[{s}]") for s in x])
    c = np.linalg.lstsq(np.vander(x - x_ref, 6, increasing=True), freeze, rcond=None)[0]
    error = abs(np.vander(x - x_ref, 6, increasing=True) @ c - freeze).max()
    print(f"\n{fluid}, 0 to 60 % by mass, about {x_ref} and {T_ref} K")
    print(f"  T_freeze: [{', '.join(f'{v:.10g}' for v in c)}]  # within {error:.1g} K")
    at = [(s, T) for s, T_f in zip(x, freeze, strict=True) for T in np.linspace(T_f, 373.15, 25)]
    A = np.array([[(s - x_ref) ** i * (T - T_ref) ** j for i, j in powers] for s, T in at])
    for name, unit, key in (("rho", "kg/m3", "D"), ("cp", "J/(kg.K)", "C"), ("k", "W/(m.K)", "L"), ("mu", "Pa.s", "V")):
        y = np.array([PropsSI(key, "T", T, "P", P, f"INCOMP::{fluid}[{s}]") for s, T in at])
        wanted, scale = (np.log(y), 1) if name == "mu" else (y, y)
        size = abs(A).max(axis=0)
        c = np.linalg.lstsq(A / size / np.reshape(scale, (-1, 1)), wanted / scale, rcond=None)[0] / size
        found = np.exp(A @ c) if name == "mu" else A @ c
        print(f"  {name}:\n    unit: {unit}\n    coefficients:")
        for i in range(6):
            print(f"      - [{', '.join(f'{v:.10g}' for v, (k, _) in zip(c, powers, strict=True) if k == i)}]")
        print(f"    max_error: {abs(found / y - 1).max():.1e}")


def dowfrost():
    """The fits are the vendor tables' published ones; here only their distance from the tables is measured."""
    t = np.arange(20, 60, 5.0)
    tables = {
        "rho": (
            [1032.7, 1030.3, 1027.8, 1025.2, 1022.5, 1019.7, 1016.8, 1013.7],
            1041.1375 - 0.379167 * t - 0.002167 * t**2,
        ),
        "cp": ([3870, 3880, 3890, 3900, 3920, 3930, 3940, 3950], 3820.714 + 2.381 * t),
        "k": ([0.456, 0.462, 0.467, 0.472, 0.476, 0.481, 0.485, 0.488], 0.430196 + 1.43452e-3 * t - 6.9e-6 * t**2),
        "mu TDS": ([2.84, 2.39, 2.05, 1.78, 1.58, 1.41, 1.27, 1.15], np.exp(-2.01892 + 257.257 / (t + 64))),
        "mu 2022": ([2.48, 2.12, 1.82, 1.59, 1.39, 1.23, 1.10, 0.99], np.exp(-3.52641 + 592.158 / (t + 113.5))),
    }
    print("\nDOWFROST LC 25, published fits against the tables, 20 to 55 degC")
    for name, (table, fit) in tables.items():
        print(f"  {name}: max_error {abs(fit / np.array(table) - 1).max():.2g}")
    rho_2022 = np.array([1033.7, 1031.5, 1029.3, 1026.9, 1024.4, 1021.7, 1019.0, 1016.1])
    c, error = polynomial(t + 273.15, rho_2022, 273.15, 2)
    show("rho 2022", "kg/m3", c, 273.15, error)
    beyond_the_table(tables | {"rho 2022": (rho_2022, np.polynomial.polynomial.polyval(t, c))})


def beyond_the_table(tables):
    """Continued, a fit should stay level beside Melinder's mixture of the same glycol (25.6 % by mass). What it drifts
    from its ratio at the nearer end of the table is taken as its error there; the table's own error comes on top."""
    T = np.array([-10, 0, 5, 10, 15, 20, 55, 60, 65, 70, 80, 90.0])
    t = np.arange(20, 60, 5.0)
    print("  continued, drift beside Melinder 25.6 % [%], at", ", ".join(f"{x:g}" for x in T), "degC")
    forms = {
        "rho": lambda x: 1041.1375 - 0.379167 * x - 0.002167 * x**2,
        "cp": lambda x: 3820.714 + 2.381 * x,
        "k": lambda x: 0.430196 + 1.43452e-3 * x - 6.9e-6 * x**2,
        "mu TDS": lambda x: 1e-3 * np.exp(-2.01892 + 257.257 / (x + 64)),
        "mu 2022": lambda x: 1e-3 * np.exp(-3.52641 + 592.158 / (x + 113.5)),
        "rho 2022": np.polynomial.Polynomial.fit(t, tables["rho 2022"][1], 2),
    }
    keys = {"rho": "D", "cp": "C", "k": "L", "mu": "V"}
    for name, form in forms.items():
        ratio = form(T) / PropsSI(keys[name.split()[0]], "T", T + 273.15, "P", P, "INCOMP::MPG[0.256]")
        drift = ratio / ratio[np.where(T < 40, 5, 6)] - 1
        print(f"    {name}:", ", ".join(f"{100 * d:+.2f}" for d in drift))


def table(name, unit, T, y, T_ref, degree):
    c, error = polynomial(T, np.array(y), T_ref, degree)
    show(name, unit, c, T_ref, error)


def hfe7200():
    """Saturated liquid by Rausch et al. 2015, conductivity by Warrier & Teja 2011."""
    T = 273.15 + np.arange(0, 80, 10.0)
    rho = np.array([1478.07, 1456.13, 1433.91, 1411.31, 1388.26, 1364.68, 1340.47, 1315.57])
    nu = np.array([0.6631, 0.5563, 0.4824, 0.4292, 0.3822, 0.3429, 0.3125, 0.2826])
    print("\nHFE-7200, 0 to 70 degC")
    table("rho", "kg/m3", T, rho, 308.15, 3)
    T_k = np.array([278.8, 300.6, 314.1, 328.3, 344.1])
    table("k", "W/(m.K)", T_k, [0.0712, 0.0644, 0.0616, 0.059, 0.0563], 308.15, 2)
    c, B, C, error = vogel(T, 1e-6 * nu * rho, 308.15, 0)
    show("mu", "Pa.s", c, 308.15, error, f", B: {B:.10g}, C: {C}")


def pao2():
    """Kinematic viscosity by ASTM D341 through 40 and 100 degC, times the density; other slopes as in Sleiti 2007."""
    T = 273.15 + np.arange(0, 101, 5.0)
    double_log = np.polyfit(np.log10([313.15, 373.15]), np.log10(np.log10(np.array([5.1, 1.7]) + 0.7)), 1)
    nu = 10**10 ** np.polyval(double_log, np.log10(T)) - 0.7
    rho = 798 - 0.62 * (T - 288.75)
    print("\nPAO 2 cSt, 0 to 100 degC")
    c, B, C, error = vogel(T, 1e-6 * nu * rho, 313.15, 1)
    show("mu", "Pa.s", c, 313.15, error, f", B: {B:.10g}, C: {C}")


def air():
    """Ideal mixture with 8 g of water per kg of dry air at 1 atm, as in models/correlations/moist_air.hpp."""
    T, w = np.linspace(253.15, 353.15, 201), 0.008
    print(f"\nair with w = {w}, -20 to 80 degC")
    table("rho", "kg/m3", T, (1 + w) * 101325 / (287.042 * T * (1 + 1.607858 * w)), 303.15, 5)
    table("cp", "J/(kg.K)", T, 0 * T + (1006 + 1860 * w) / (1 + w), 303.15, 0)
    table("k", "W/(m.K)", T, PropsSI("L", "T", T, "P", 101325, "Air"), 303.15, 2)
    c, error = polynomial(T, np.log(PropsSI("V", "T", T, "P", 101325, "Air")), 303.15, 3)
    show("mu", "Pa.s", c, 303.15, np.expm1(np.polynomial.polynomial.polyval(T - 303.15, c) * error / (1 + error)))


def check_coolprop():
    """Melinder's published viscosity at 42 %; a CoolProp that misses it would spoil the glycols unseen."""
    for T, mu in ((283.15, 7.4212e-3), (303.15, 3.2647e-3)):
        found = PropsSI("V", "T", T, "P", 1e5, "INCOMP::MPG2[0.42]")
        assert abs(found / mu - 1) < 0.01, (
            f"CoolProp gives {found} Pa s instead of {mu} at {T} K; use version 8 or later"
        )


if __name__ == "__main__":
    check_coolprop()
    coolprop("Water", 273.25, 372.15, 323.15, (5, 5, 4, 1))
    coolprop("INCOMP::MPG[0.25]", 268.15, 373.15, 313.15, (3, 3, 3, 3))
    coolprop("INCOMP::MEG[0.25]", 268.15, 373.15, 313.15, (3, 3, 3, 3))
    mixture("MPG")
    mixture("MEG")
    dowfrost()
    hfe7200()
    pao2()
    air()
