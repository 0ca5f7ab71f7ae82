using System.Globalization;

namespace Fovea.Explorer.Contents;

/// <summary>A picture that was asked for beside those of the run's last stage (<c>fovea visualize</c>).</summary>
/// <param name="Record">What made it.</param>
/// <param name="Place">Where it is, as the run names it.</param>
/// <param name="Name">Its file without the ending.</param>
public sealed record AskedPicture(PictureRecord Record, StoredPicture Place, string Name)
{
    /// <summary>
    /// Whether it is of one unit of its source: of a sum of units, its number is the first one's, and its name has them all.
    /// </summary>
    public bool IsOfUnit => Variant is not null;

    /// <summary>The preset, with what was asked for besides: <c>paper, decoder, asked for</c>.</summary>
    public string Label => $"{Record.Preset}{(Variant is { Length: > 0 } variant ? $", {variant}" : "")}"
        + $"{(Record.Replica > 0 ? string.Create(CultureInfo.InvariantCulture, $" {Record.Replica + 1}") : "")}, asked for";

    /// <summary>The words of the name between the preset and the unit; null where the name is not that of one unit.</summary>
    private string? Variant
    {
        get
        {
            string end = string.Create(CultureInfo.InvariantCulture, $"-{Record.Unit}{(Record.Replica > 0 ? $"-r{Record.Replica + 1}" : "")}");
            return Name.StartsWith(Record.Preset, StringComparison.Ordinal) && Name.EndsWith(end, StringComparison.Ordinal)
                && Name.Length >= Record.Preset.Length + end.Length
                ? Name[Record.Preset.Length..^end.Length].Trim('-').Replace('-', ' ') : null;
        }
    }

    /// <summary>The pictures that were asked for on a layer; of one that cannot be read it is told.</summary>
    internal static IReadOnlyList<AskedPicture> ReadAll(CarefulReader reader, RunPictures pictures, string layer)
    {
        var found = new List<AskedPicture>();
        foreach (string address in reader.Try(() => reader.Run.Asked(layer)) ?? [])
        {
            if (reader.Find<PictureRecord>(address + ".json") is { } record && pictures.Whole(reader, address + ".png") is { } place)
                found.Add(new AskedPicture(record, place, address[(address.LastIndexOf('/') + 1)..]));
        }
        return found;
    }

    /// <summary>The same as a picture of its unit.</summary>
    /// <param name="row">What the table says of the unit; null: nothing.</param>
    internal FeaturePicture OfUnit(FeatureRow? row) => new((row ?? new FeatureRow { Unit = Record.Unit }) with
    {
        Preset = Label,
        Activation = Record.Activation,
        Peak = Record.Peak,
        Picture = null,
        Rank = null,
        SeedAgreement = null,
        SeedBaseline = null,
        OtherEvidence = null,
        OtherBaseline = null,
    }, Place)
    { Maker = _ => Record };
}
