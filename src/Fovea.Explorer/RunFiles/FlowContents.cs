namespace Fovea.Explorer.RunFiles;

/// <summary>The picture after some steps, relative to the run folder, and the objective on it.</summary>
public sealed record FlowSnapshot(long Step, string? Picture, double? Activation);

/// <summary>The optimisation through one network: the objective on the view of each step, before it was made, and snapshots.</summary>
public sealed record FlowNetwork(string Name, IReadOnlyList<double?> Curve, IReadOnlyList<FlowSnapshot> Snapshots);

/// <summary>One unit drawn through several networks.</summary>
public sealed record FlowUnit(string Source, int Unit, IReadOnlyList<FlowNetwork> Networks);

/// <summary>Figure 25: how the standard and the modified network let the gradient through. <c>features/LAYER/flow.json</c>.</summary>
public sealed record FlowContents(string? Preset, IReadOnlyList<FlowUnit> Units)
{
    internal static FlowContents? Read(string folder, string layer, ICollection<string> problems)
    {
        JsonView json = JsonView.Open(Path.Combine(folder, "features", layer, "flow.json"), problems);
        FlowUnit[] units = [.. json["units"].Items.Select(unit => new FlowUnit(unit["source"].Text ?? "", (int)(unit["unit"].Integer ?? 0),
            [.. unit["networks"].Items.Select(network => new FlowNetwork(
                network["name"].Text ?? "network",
                [.. network["curve"].Items.Select(value => value.Number)],
                [.. network["snapshots"].Items.Select(one => new FlowSnapshot(
                    one["step"].Integer ?? 0, PictureFiles.Below($"features/{layer}", one["picture"]["file"].Text), one["activation"].Number))]))]))];
        return units.Length == 0 ? null : new FlowContents(json["preset"].Text, units);
    }
}
