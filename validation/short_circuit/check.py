"""Short-circuit currents of pandapower and power-grid-model on the same networks, live."""

from importlib.metadata import version

import electric_nets as nets
import kelvolt as kv
import numpy as np

END = 80.0  # degC, conductors at the end of a fault
HOT = {"alpha": 0.004, "T_end": 273.15 + END}  # pandapower's coefficient
COLD = {"alpha": 0.004, "T_end": 293.15}
NO_MAGNETISING = 1e9


def by_bus(ours, kind, column, **options):
    """A column of Kelvolt's table by the number of the bus."""
    table = kv.short_circuit(ours.case, **options)
    solution = ours.case.steady()
    grid = solution.power_flow().grid
    name = {grid.buses[e.ends[0].bus].name: int(e.path[4:-1]) - 1 for e in grid.of_role("bus")}
    rows = table[table.kind == kind]
    found = np.full(len(ours.grid.V), np.nan)
    for bus, value in zip(rows.bus, rows[column], strict=True):
        found[name[bus]] = value
    return found


def compare(bench, what, own, peer):
    if not (np.isfinite(own).all() and np.isfinite(peer).all()):
        raise ValueError(f"{what}: a current is not finite: {own}, {peer}")
    worst = float(np.abs(own / peer - 1.0).max())
    bench.expect(f"{what}: I/I_peer - 1, worst of {len(peer)} buses", worst, 0.0, "1", 1e-6, bench.reference["why"])


def older_edition():
    """Releases before 3.5 take the smallest currents of the edition of 2001: K_T in them, too, and c_min 0.95."""
    return tuple(int(x) for x in version("pandapower").split(".")[:2]) < (3, 5)


def pandapower_of(net, grid, column, **options):
    import pandapower.shortcircuit as sc

    nets.quiet(lambda: sc.calc_sc(net, topology="auto", **options))
    return 1e3 * net.res_bus_sc[column].loc[grid.label].to_numpy()


def beside_pandapower(bench, name, net, kinds):
    net.line["endtemp_degree"] = END
    net.ext_grid["s_sc_min_mva"], net.ext_grid["rx_min"] = 0.6 * net.ext_grid.s_sc_max_mva, net.ext_grid.rx_max
    net.ext_grid["x0x_min"], net.ext_grid["r0x0_min"] = net.ext_grid["x0x_max"], net.ext_grid["r0x0_max"]
    grid = nets.grid_of(net, stiff=False)
    grid.source["Z0_over_Z"] = float(net.ext_grid.x0x_max.iloc[0])
    phases = 3 if "1ph" in kinds else 1
    ours = nets.kelvolt_of(grid, phases, line=HOT, S_sc_min=0.6 * grid.source["S"])
    for kind in kinds:
        for tolerance in (6, 10):
            options = {"fault": kind, "lv_tol_percent": tolerance}
            own = by_bus(ours, kind, "Ik_max", lv_tolerance=tolerance / 100)
            peer = pandapower_of(net, grid, "ikss_ka", case="max", **options)
            compare(bench, f"{name}, {kind}, largest, {tolerance} %, pandapower", own, peer)
            if older_edition():
                continue
            own = by_bus(ours, kind, "Ik_min", lv_tolerance=tolerance / 100)
            peer = pandapower_of(net, grid, "ikss_ka", case="min", **options)
            compare(bench, f"{name}, {kind}, smallest, {tolerance} %, pandapower", own, peer)
        if kind != "1ph":
            own = by_bus(ours, kind, "ip")
            peer = pandapower_of(net, grid, "ip_ka", case="max", fault=kind, ip=True, kappa_method="C")
            compare(bench, f"{name}, {kind}, peak, pandapower", own, peer)


def beside_pgm(bench, name, net, kinds):
    import power_grid_model as pgm

    grid = nets.grid_of(net, stiff=False)
    phases = 3 if "1ph" in kinds else 1
    ours = nets.kelvolt_of(grid, phases, line=COLD)
    types = {
        "3ph": (pgm.FaultType.three_phase, pgm.FaultPhase.abc),
        "2ph": (pgm.FaultType.two_phase, pgm.FaultPhase.bc),
        "1ph": (pgm.FaultType.single_phase_to_ground, pgm.FaultPhase.a),
    }
    scalings = {"max": pgm.ShortCircuitVoltageScaling.maximum, "min": pgm.ShortCircuitVoltageScaling.minimum}
    of_source = {"max": 1.1, "min": 1.0}  # the peer takes the factor of the source's voltage, 20 kV, everywhere
    data = nets.pgm_input(grid, phases)
    for kind in kinds:
        for case, scaling in scalings.items():
            peer = [pgm_fault(pgm, data, grid, bus, types[kind], scaling) for bus in range(len(grid.V))]
            own = by_bus(ours, kind, f"Ik_{case}", corrections=False)
            own *= of_source[case] / by_bus(ours, kind, f"c_{case}", corrections=False)
            compare(bench, f"{name}, {kind}, Ik_{case}, power-grid-model", own, np.array(peer))


def pgm_fault(pgm, data, grid, bus, what, scaling):
    fault = pgm.initialize_array("input", "fault", 1)
    fault["id"], fault["status"], fault["fault_object"] = 10**6, 1, bus
    fault["fault_type"], fault["fault_phase"], fault["r_f"], fault["x_f"] = *what, 0.0, 0.0
    model = pgm.PowerGridModel(data | {"fault": fault}, system_frequency=grid.f)
    found = model.calculate_short_circuit(short_circuit_voltage_scaling=scaling, output_component_types=["fault"])
    return float(found["fault"]["i_f"].max())


def earthed(pp):
    """20 kV grid, a Dyn transformer, and cables in a ring at 400 V with their zero sequence."""
    net = pp.create_empty_network(f_hz=50)
    a = pp.create_bus(net, 20.0)
    b, c, d = (pp.create_bus(net, 0.4) for _ in range(3))
    pp.create_ext_grid(net, a, s_sc_max_mva=300.0, rx_max=0.1, r0x0_max=0.1, x0x_max=1.4)
    pp.create_transformer_from_parameters(
        net, a, b, 0.63, 20.0, 0.4, vk_percent=6.0, vkr_percent=1.1, pfe_kw=0.0, i0_percent=0.0, shift_degree=150,
        vector_group="Dyn", vk0_percent=6.0, vkr0_percent=1.1, mag0_percent=NO_MAGNETISING, mag0_rx=0.4,
        si0_hv_partial=0.9,
    )  # fmt: skip
    cable = {"r_ohm": 0.32, "x_ohm": 0.08, "c_nf": 0.0, "r0_ohm": 1.28, "x0_ohm": 0.32, "c0_nf": 0.0}
    values = {f"{k}_per_km": v for k, v in cable.items()}
    for ends, length in (((b, c), 0.12), ((c, d), 0.08), ((d, b), 0.15)):
        pp.create_line_from_parameters(net, *ends, length, max_i_ka=1.0, **values)
    pp.create_load(net, d, 0.03, 0.01)
    return net


def machines(bench, pp):
    """Grid, transformer, a generator at the board and a motor behind a cable; corrections K_T and K_G."""
    import pandapower.shortcircuit as sc

    net = pp.create_empty_network(f_hz=50)
    a, b, c = pp.create_bus(net, 20.0), pp.create_bus(net, 0.4), pp.create_bus(net, 0.4)
    pp.create_ext_grid(net, a, s_sc_max_mva=250.0, rx_max=0.1)
    pp.create_transformer_from_parameters(net, a, b, 1.6, 20.0, 0.42, 0.9, 6.0, pfe_kw=0.0, i0_percent=0.0)
    pp.create_gen(net, b, 0.5, vn_kv=0.415, xdss_pu=0.13, rdss_ohm=0.012 * 0.415**2 / 1.25, cos_phi=0.8, sn_mva=1.25)
    pp.create_line_from_parameters(net, b, c, 0.05, r_ohm_per_km=0.08, x_ohm_per_km=0.07, c_nf_per_km=0, max_i_ka=1.0)
    pp.create_motor(net, c, pn_mech_mw=0.2, cos_phi=0.87, cos_phi_n=0.87, efficiency_n_percent=94.0, vn_kv=0.4,
                    rx=0.42, lrc_pu=6.2)  # fmt: skip
    P = 200e3 / 0.94
    case = kv.read(
        {
            "kelvolt": 1,
            "components": {
                "grid": {"model": "ac_utility", "V": 20e3, "S_sc": 250e6, "X_over_R": 10},
                "trafo": {"model": "ac_transformer", "S_rated": 1.6e6, "V_hv": 20e3, "V_lv": 420, "vk": 0.06,
                          "Pk": 0.009 * 1.6e6},
                "set": {"model": "ac_generator", "V": 415, "S_rated": 1.25e6, "X_d2": 0.13, "R_a": 0.012,
                        "power_factor": 0.8, "angle": "-330 deg"},
                "cable": {"model": "ac_line", "length": 50, "R": 0.08e-3, "X": 0.07e-3},
                "motor": {"model": "ac_load", "V": 400, "P": P, "power_factor": 0.87, "motor_share": 1, "I_start": 6.2,
                          "motor_R_over_X": 0.42},
                "a": {"model": "ac_bus", "V": 20e3},
                "b": {"model": "ac_bus", "V": 400},
                "c": {"model": "ac_bus", "V": 400},
            },
            "connections": [
                "grid.bus -> a.bus", "a.bus -> trafo.hv", "trafo.lv -> b.bus", "set.bus -> b.bus", "b.bus -> cable.a",
                "cable.b -> c.bus", "c.bus -> motor.bus",
            ],
        },
        name="machines",
    )  # fmt: skip
    solution = case.steady()
    grid = solution.power_flow().grid
    names = {e.path: grid.buses[e.ends[0].bus].name for e in grid.of_role("bus")}
    for kind in ("3ph", "2ph"):
        table = kv.short_circuit(solution)
        table = table[table.kind == kind].set_index("bus")
        nets.quiet(lambda kind=kind: sc.calc_sc(net, fault=kind, case="max", ip=True, kappa_method="C"))
        for column, theirs in (("Ik_max", "ikss_ka"), ("ip", "ip_ka")):
            own = np.array([table.loc[names[k], column] for k in "abc"])
            compare(
                bench, f"generator and motor, {kind}, {column}, pandapower", own, 1e3 * net.res_bus_sc[theirs].values
            )


def three_windings(bench, pp):
    """A three-winding transformer: K_T of each pair, star, peak by method C."""
    import pandapower.shortcircuit as sc

    net = pp.create_empty_network(f_hz=50)
    buses = [pp.create_bus(net, V) for V in (110.0, 20.0, 10.0)]
    pp.create_ext_grid(net, buses[0], s_sc_max_mva=2000.0, rx_max=0.1, s_sc_min_mva=1500.0, rx_min=0.1)
    pp.create_transformer3w_from_parameters(
        net, *buses, vn_hv_kv=110.0, vn_mv_kv=20.0, vn_lv_kv=10.0, sn_hv_mva=63.0, sn_mv_mva=40.0, sn_lv_mva=25.0,
        vk_hv_percent=10.4, vk_mv_percent=7.0, vk_lv_percent=11.0, vkr_hv_percent=0.28, vkr_mv_percent=0.32,
        vkr_lv_percent=0.35, pfe_kw=0.0, i0_percent=0.0,
    )  # fmt: skip
    volts = {"a": 110e3, "b": 20e3, "c": 10e3}
    case = kv.read(
        {
            "kelvolt": 1,
            "components": {
                "grid": {"model": "ac_utility", "V": 110e3, "S_sc": 2000e6, "S_sc_min": 1500e6, "X_over_R": 10},
                "trafo": {"model": "ac_three_winding", "S_hv": 63e6, "S_mv": 40e6, "S_lv": 25e6, "V_hv": 110e3,
                          "V_mv": 20e3, "V_lv": 10e3, "vk_hm": 0.104, "vk_ml": 0.07, "vk_hl": 0.11,
                          "Pk_hm": 0.0028 * 40e6, "Pk_ml": 0.0032 * 25e6, "Pk_hl": 0.0035 * 25e6},
                **{k: {"model": "ac_bus", "V": V} for k, V in volts.items()},
            },
            "connections": ["grid.bus -> a.bus", "a.bus -> trafo.hv", "trafo.mv -> b.bus", "trafo.lv -> c.bus"],
        },
        name="three windings",
    )  # fmt: skip
    solution = case.steady()
    grid = solution.power_flow().grid
    names = {e.path: grid.buses[e.ends[0].bus].name for e in grid.of_role("bus")}
    table = kv.short_circuit(solution)
    table = table[table.kind == "3ph"].set_index("bus")
    for case_of, column, theirs in (("max", "Ik_max", "ikss_ka"), ("max", "ip", "ip_ka"), ("min", "Ik_min", "ikss_ka")):
        if case_of == "min" and older_edition():
            continue
        more = {"ip": True, "kappa_method": "C"} if case_of == "max" else {}
        nets.quiet(lambda of=case_of, more=more: sc.calc_sc(net, fault="3ph", case=of, topology="auto", **more))
        own = np.array([table.loc[names[k], column] for k in volts])
        compare(bench, f"three windings, 3ph, {column}, pandapower", own, 1e3 * net.res_bus_sc[theirs].to_numpy())


def check(bench):
    pp = nets.quiet(lambda: __import__("pandapower.networks"))
    lv = nets.quiet(pp.networks.create_cigre_network_lv)
    lv.line["c_nf_per_km"] = 0.0
    lv.ext_grid["s_sc_max_mva"], lv.ext_grid["rx_max"] = 100.0, 0.1
    lv.ext_grid["x0x_max"], lv.ext_grid["r0x0_max"] = 1.0, 0.1
    beside_pandapower(bench, "CIGRE LV", lv, ("3ph", "2ph"))
    beside_pandapower(bench, "ring behind Dyn5", earthed(pp), ("3ph", "2ph", "1ph"))
    machines(bench, pp)
    three_windings(bench, pp)
    beside_pgm(bench, "CIGRE LV", lv, ("3ph",))
    beside_pgm(bench, "ring behind Dyn5", earthed(pp), ("3ph", "2ph", "1ph"))
