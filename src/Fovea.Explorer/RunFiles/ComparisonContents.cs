using System.Globalization;

namespace Fovea.Explorer.RunFiles;

/// <summary>A dataset image beside a unit of a comparison; the picture is relative to the run folder.</summary>
public sealed record ComparedExample(string Image, string ClassName, string? Picture, double? Value);

/// <summary>A unit of a comparison, with how strongly the image drives it.</summary>
public sealed record ComparedUnit(int Unit, double? Magnitude, string? Picture, IReadOnlyList<ComparedExample> Examples);

/// <summary>Figures 21 to 24: one image, the units it drives most and least, in the network and in the dictionary.</summary>
public sealed record ComparisonContents
{
    public required string Layer { get; init; }
    public required int Number { get; init; }
    public string Image { get; init; } = "";
    public string ClassName { get; init; } = "";
    public string? Picture { get; init; }
    public string? Dictionary { get; init; }
    public IReadOnlyList<ComparedUnit> ModelTop { get; init; } = [];
    public IReadOnlyList<ComparedUnit> ModelLeast { get; init; } = [];
    public IReadOnlyList<ComparedUnit> SaeTop { get; init; } = [];
    public IReadOnlyList<ComparedUnit> SaeLeast { get; init; } = [];

    /// <summary>Units that answer to the image anywhere, and how many there are.</summary>
    public long? ModelActive { get; init; }
    public long? ModelUnits { get; init; }
    public long? SaeActive { get; init; }
    public long? SaeUnits { get; init; }

    /// <summary>Of the twenty units that the image drives most: how many are tied to its class, and how many of those differ.</summary>
    public (long? Related, long? Distinct) ModelTop20 { get; init; }
    public (long? Related, long? Distinct) SaeTop20 { get; init; }

    internal static IReadOnlyList<ComparisonContents> ReadAll(string folder, string layer, ICollection<string> problems)
    {
        string path = Path.Combine(folder, "features", layer);
        if (!Directory.Exists(path)) return [];
        return [.. Directory.EnumerateFiles(path, "comparison-*.json")
            .Select(file => (file, text: Path.GetFileNameWithoutExtension(file)["comparison-".Length..]))
            .Where(pair => int.TryParse(pair.text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(pair => Read(pair.file, layer, int.Parse(pair.text, CultureInfo.InvariantCulture), problems))
            .OrderBy(comparison => comparison.Number)];
    }

    private static ComparisonContents Read(string file, string layer, int number, ICollection<string> problems)
    {
        JsonView json = JsonView.Open(file, problems);
        return new ComparisonContents
        {
            Layer = layer,
            Number = number,
            Image = json["image"].Text ?? "",
            ClassName = json["className"].Text ?? "",
            Picture = PathOf(layer, json["picture"]["file"].Text),
            Dictionary = json["dictionary"].Text,
            ModelActive = json["model"]["active"].Integer,
            ModelUnits = json["model"]["units"].Integer,
            SaeActive = json["sae"]["active"].Integer,
            SaeUnits = json["sae"]["units"].Integer,
            ModelTop20 = (json["model"]["top20"]["related"].Integer, json["model"]["top20"]["distinct"].Integer),
            SaeTop20 = (json["sae"]["top20"]["related"].Integer, json["sae"]["top20"]["distinct"].Integer),
            ModelTop = Units(json["model"]["top"], layer),
            ModelLeast = Units(json["model"]["least"], layer),
            SaeTop = Units(json["sae"]["top"], layer),
            SaeLeast = Units(json["sae"]["least"], layer),
        };
    }

    private static IReadOnlyList<ComparedUnit> Units(JsonView units, string layer) => [.. units.Items.Select(unit => new ComparedUnit(
        (int)(unit["unit"].Integer ?? 0), unit["magnitude"].Number, PathOf(layer, unit["picture"]["file"].Text),
        [.. unit["examples"].Items.Select(example => new ComparedExample(
            example["image"].Text ?? "", example["className"].Text ?? "", PathOf(layer, example["picture"]["file"].Text), example["value"].Number))]))];

    private static string? PathOf(string layer, string? name) => PictureFiles.Below($"features/{layer}", name);
}
