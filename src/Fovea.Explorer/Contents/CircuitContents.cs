namespace Fovea.Explorer.Contents;

/// <summary>A circuit of a run.</summary>
/// <param name="Layer">Its later layer.</param>
/// <param name="Name">Its name.</param>
/// <param name="Document">What was found.</param>
public sealed record CircuitContents(string Layer, string Name, CircuitDocument Document)
{
    /// <summary>What it explains, in words.</summary>
    public string Title => Document.Target.VersusName is { } versus ? $"{Document.Target.Name} less {versus}" : Document.Target.Name;

    /// <summary>The first nodes of all, of the circuit itself.</summary>
    internal CircuitPoint? Last => Document.Curves.FirstOrDefault(curve => curve.Name == "circuit")?.Points.LastOrDefault();

    internal static IReadOnlyList<CircuitContents> ReadAll(CarefulReader reader, string layer) =>
    [
        .. reader.Run.Circuits(layer).Select(name => (name, Found: reader.Find<CircuitDocument>(RunLayout.Circuit(layer, name))))
            .Where(one => one.Found is not null).Select(one => new CircuitContents(layer, one.name, one.Found!)),
    ];
}
