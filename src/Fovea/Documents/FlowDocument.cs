using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>The same units drawn through the standard and the modified network: <c>flow.json</c> (figure 25).</summary>
/// <param name="Preset">The recipe of the pictures.</param>
/// <param name="Units">The units.</param>
public sealed record FlowDocument(string Preset, IReadOnlyList<FlowUnit> Units) : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "flow.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
    /// <inheritdoc/>
    public string? Inconsistency() =>
        StoredPicture.Inconsistency(
            Units.SelectMany(unit => unit.Networks).SelectMany(network => network.Snapshots).Select(snapshot => snapshot.Picture));
}

/// <summary>A unit drawn through several networks.</summary>
/// <param name="Source"><c>neurons</c> or a dictionary's name.</param>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Networks">The optimisation through each.</param>
public sealed record FlowUnit(string Source, int Unit, IReadOnlyList<FlowNetwork> Networks);

/// <summary>An optimisation through one network.</summary>
/// <param name="Name">Which: <c>standard</c>, <c>modified</c>.</param>
/// <param name="Curve">The objective on the view of each step, before the step was made.</param>
/// <param name="Snapshots">Pictures on the way.</param>
public sealed record FlowNetwork(string Name, IReadOnlyList<double> Curve, IReadOnlyList<FlowSnapshot> Snapshots);

/// <summary>The picture after some steps.</summary>
/// <param name="Step">How many.</param>
/// <param name="Picture">The picture.</param>
/// <param name="Activation">The objective on the clean picture: unlike the curve, which is of random views.</param>
public sealed record FlowSnapshot(int Step, StoredPicture Picture, double Activation);
