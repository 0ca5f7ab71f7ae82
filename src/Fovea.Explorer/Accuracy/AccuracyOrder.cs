using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Jobs;
using Fovea.Explorer.Live;

namespace Fovea.Explorer.Accuracy;

/// <summary>Changes whose effect on the accuracy over the run's validation images somebody asks for: what <c>fovea steer</c> is told.</summary>
public sealed record AccuracyOrder : IOrder
{
    /// <summary>The layer of units that stand without one.</summary>
    public string Layer { get; init; } = "";

    /// <summary>Their source: <c>neurons</c> or a dictionary.</summary>
    public string Source { get; init; } = "";

    /// <summary>The changes, as addresses have them.</summary>
    public string Steer { get; init; } = "";

    /// <summary><c>kept</c> or <c>dropped</c>: what dictionaries do not explain.</summary>
    public string Error { get; init; } = ImageState.Kept;

    /// <summary>How many images are judged, drawn by the run's seed; null: all.</summary>
    public int? Images { get; init; }

    /// <summary>Of the files that the numbers follow from: what was measured of another network is another order.</summary>
    [JsonIgnore]
    internal string Stamp { get; init; } = "";

    string IOrder.Id => Id;

    /// <summary>Its name.</summary>
    internal string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [.. Options(), Stamp]))))[..12];

    /// <summary>The order of what a page's state changes.</summary>
    internal static AccuracyOrder Of(ImageState state, RunContents run) => new AccuracyOrder
    {
        Layer = state.Layer,
        Source = state.Source,
        Steer = state.Steered,
        Error = state.Steering.KeepsError ? ImageState.Kept : ImageState.Dropped,
    }.Stamped(run);

    /// <summary>The same with the stamp that its files have now.</summary>
    /// <exception cref="FoveaException">Configuration: the changes cannot be read, or are of what the run has not.</exception>
    internal AccuracyOrder Stamped(RunContents run)
    {
        IReadOnlyList<SteerEdit> edits = SteerText.Parse(Steer, Layer, Source);
        if (Error is not (ImageState.Kept or ImageState.Dropped)) throw FoveaException.BadConfiguration("error must be kept or dropped.");
        if (edits.Count == 0 && Error == ImageState.Kept) throw FoveaException.BadConfiguration("Nothing is changed: change a unit first.");
        if (Images is < 1) throw FoveaException.BadConfiguration("images must be at least 1.");
        var sources = edits.Select(edit => (edit.Layer, edit.Source)).Append((Layer, Source)).Distinct().ToArray();
        foreach ((string layer, string source) in sources)
        {
            if (run.Layer(layer) is not { } known || (source != RunLayout.Neurons && known.Dictionaries.All(one => one.Name != source)))
                throw FoveaException.BadConfiguration("This run has no such layer or dictionary.");
        }
        string[] files =
        [
            RunLayout.Model, Weights,
            .. sources.Where(one => one.Source != RunLayout.Neurons).Select(one => $"{RunLayout.Dictionary(one.Layer, one.Source)}/{DictionaryWeights}"),
        ];
        return this with { Stamp = string.Join(' ', files.Select(run.Reader.Stamp)) };
    }

    // Words of the run stand behind an equals sign, so that none can be taken for an option.
    IReadOnlyList<string> IOrder.Arguments(string run) => ["steer", $"--run={run}", .. Options(), "--json"];

    private const string Weights = "model/" + Models.ModelFile.WeightsName;

    private const string DictionaryWeights = Dictionaries.Sparse.AutoencoderFile.WeightsName;

    private IReadOnlyList<string> Options() =>
    [
        // No change at all is a comma: an option without a value is none.
        $"--layer={Layer}", $"--source={Source}", $"--changes={(Steer.Length > 0 ? Steer : ",")}", $"--error={Error}",
        .. Images is { } images ? (string[])[$"--images={images.ToString(CultureInfo.InvariantCulture)}"] : [],
    ];
}
