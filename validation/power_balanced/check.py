"""Balanced networks of pandapower, compared with pandapower and power-grid-model."""

import electric_nets as nets


def with_losses(net):
    """The network with transformer magnetising and taps and with cable capacitance, which it lacks as shipped."""
    net.trafo["pfe_kw"], net.trafo["i0_percent"] = [1.0, 0.4, 0.6], [0.5, 0.8, 0.6]
    net.trafo["tap_side"], net.trafo["tap_changer_type"] = "hv", "Ratio"
    net.trafo["tap_neutral"], net.trafo["tap_pos"], net.trafo["tap_step_percent"] = 0, [2, -1, 1], 2.5
    net.line["c_nf_per_km"] = 300.0
    return net


def check(bench):
    pp = nets.quiet(lambda: __import__("pandapower.networks").networks)
    for name, net in {
        "case33bw": pp.case33bw(),
        "CIGRE LV": pp.create_cigre_network_lv(),
        "CIGRE LV, taps and no-load loss": with_losses(pp.create_cigre_network_lv()),
    }.items():
        grid = nets.grid_of(net, stiff=True)
        nets.kelvolt_of(grid, 1, "t").compare(bench, f"{name}, pandapower", nets.pandapower_voltages(net, grid, 1))
        grid = nets.grid_of(net, stiff="s_sc_max_mva" not in net.ext_grid)
        nets.kelvolt_of(grid, 1, "pi").compare(bench, f"{name}, power-grid-model", nets.pgm_voltages(grid, 1))
