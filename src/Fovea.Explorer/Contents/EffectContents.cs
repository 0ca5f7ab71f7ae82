namespace Fovea.Explorer.Contents;

/// <summary>What the units of a source do, as the run measured it.</summary>
/// <param name="Document">How it was measured.</param>
/// <param name="Rows">The units measured; of latents twice, the error kept and dropped.</param>
/// <param name="Firing">What makes those fire that do most; null where it was not asked for.</param>
public sealed record EffectContents(EffectsDocument Document, IReadOnlyList<EffectRow> Rows, FiringDocument? Firing)
{
    /// <summary>What makes a unit fire; null where it is not known.</summary>
    public FiringUnit? FiringOf(int unit) => Firing?.Units.FirstOrDefault(one => one.Unit == unit);

    /// <summary>Where its pictures are, as the run names them.</summary>
    internal IEnumerable<StoredPicture?> Pictures => (Firing?.Units ?? []).Select(Place);

    /// <summary>Where the picture of a unit is, as the run names it.</summary>
    public StoredPicture Place(FiringUnit unit)
    {
        ArgumentNullException.ThrowIfNull(unit);
        return unit.Picture.Below($"{RunLayout.ProofFolder}/{Document.Layer}/{Document.Source}");
    }

    /// <summary>The rows of a unit.</summary>
    public IReadOnlyList<EffectRow> Of(int unit) => [.. Rows.Where(row => row.Unit == unit)];

    internal static EffectContents? Read(CarefulReader reader, string layer, string source)
    {
        if (reader.Find<EffectsDocument>(RunLayout.Effects(layer, source)) is not { } document) return null;
        return reader.Try(() => reader.Run.Effects(layer, source)) is { } rows
            ? new EffectContents(document, rows, reader.Find<FiringDocument>(RunLayout.Firing(layer, source))) : null;
    }
}
