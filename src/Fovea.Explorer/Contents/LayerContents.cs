namespace Fovea.Explorer.Contents;

/// <summary>What stage 2 left of a layer, with what the later stages made of it; null or empty where there is nothing.</summary>
public sealed record LayerContents
{
    /// <summary>The layer's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its vectors.</summary>
    public ActivationManifest? Manifest { get; init; }

    /// <summary>How the filters did.</summary>
    public FilterReport? Filters { get; init; }

    /// <summary>Images with the filters' maps.</summary>
    public IReadOnlyList<SampleMaps> Samples { get; init; } = [];

    /// <summary>Its dictionaries, those of the recipe first, in the recipe's order.</summary>
    public IReadOnlyList<DictionaryContents> Dictionaries { get; init; } = [];

    /// <summary>Its finished sweeps.</summary>
    public IReadOnlyList<SweepContents> Sweeps { get; init; } = [];

    /// <summary>Its own units.</summary>
    public FeatureSet? Neurons { get; init; }

    /// <summary>Images that its neurons and latents are compared on.</summary>
    public IReadOnlyList<ComparisonContents> Comparisons { get; init; } = [];

    /// <summary>Figure 25.</summary>
    public FlowDocument? Flow { get; init; }

    /// <summary>Units against the truth.</summary>
    public TruthDocument? Truth { get; init; }

    /// <summary>Class activation maps.</summary>
    public CamsDocument? Cams { get; init; }

    /// <summary>What its units do: its neurons, then its dictionaries.</summary>
    public IReadOnlyList<EffectContents> Effects { get; init; } = [];

    /// <summary>What a class's first units keep and carry.</summary>
    public CurvesDocument? Curves { get; init; }

    /// <summary>Whether effects replicate in dictionaries of other seeds.</summary>
    public ReplicationDocument? Replication { get; init; }

    /// <summary>Shortcuts of its units.</summary>
    public ShortcutsDocument? Shortcuts { get; init; }

    /// <summary>Circuits that end in it.</summary>
    public IReadOnlyList<CircuitContents> Circuits { get; init; } = [];

    /// <summary>The units of a source, <c>neurons</c> or a dictionary; null where it has no table of them.</summary>
    public FeatureSet? Units(string source) =>
        source == RunLayout.Neurons ? Neurons : Dictionaries.FirstOrDefault(one => one.Name == source)?.Latents;

    /// <summary>Where the pictures are that its documents name, as the run names them; those of units apart.</summary>
    internal IEnumerable<StoredPicture?> Pictures =>
    [
        .. Samples.Select(sample => sample.Picture.Below($"activations/{Name}")),
        .. Comparisons.SelectMany(one => one.Pictures),
        .. (Flow?.Units ?? []).SelectMany(unit => unit.Networks).SelectMany(network => network.Snapshots)
            .Select(snapshot => snapshot.Picture.Below($"features/{Name}")),
        .. (Cams?.Examples ?? []).SelectMany(example => example.Overlays.Values.Prepend(example.Input))
            .Select(picture => picture.Below($"cams/{Name}")),
        .. Effects.SelectMany(one => one.Pictures),
        .. (Shortcuts?.Classes ?? []).SelectMany(one => one.Sources).SelectMany(source => source.Units).SelectMany(unit => unit.Pictures)
            .Select(picture => picture.Picture.Below($"shortcuts/{Name}")),
    ];

    /// <summary>Pictures that were asked for and stand at no unit's page: of sums, logits, directions, images.</summary>
    public IReadOnlyList<AskedPicture> Asked { get; init; } = [];

    /// <summary>The grid in words: 8 × 8, and how it lies where that is not usual.</summary>
    public string? Grid => Manifest is null ? null
        : string.Join(" × ", Manifest.Grid) + (Manifest.Layout is { } layout ? $" ({layout.InWords})" : "");

    /// <summary>
    /// The engine that read it, in words: <c>ONNX Runtime 1.31.1</c>, <c>libtorch 2.10.0 (gradients are asked for)</c>; null where the run
    /// does not say.
    /// </summary>
    public string? Engine => Manifest?.Engine is not { } engine ? null
        : Named(engine) + (Manifest.EngineReason is { } reason ? $" ({reason})" : "");

    private static string Named(string engine) => engine.Split(' ', 2) is [var name, var version]
        ? $"{(name == "onnxruntime" ? "ONNX Runtime" : name == "torch" ? "libtorch" : name)} {version}" : engine;

    internal static LayerContents Read(CarefulReader reader, RunPictures pictures, Recipe recipe, string name, bool whole)
    {
        IReadOnlyList<AskedPicture> asked = AskedPicture.ReadAll(reader, pictures, name);
        LayerContents layer = Read(reader, pictures, recipe, name, asked, whole);
        return layer with
        {
            Asked = [.. asked.Where(one => !one.IsOfUnit || (one.Record.Source == RunLayout.Neurons ? layer.Neurons
                : layer.Dictionaries.FirstOrDefault(dictionary => dictionary.Name == one.Record.Source)?.Latents) is null)],
        };
    }

    private static LayerContents Read(
        CarefulReader reader, RunPictures pictures, Recipe recipe, string name, IReadOnlyList<AskedPicture> asked, bool whole) => new()
        {
            Name = name,
            Manifest = reader.Find<ActivationManifest>(RunLayout.Manifest(name)),
            Filters = reader.Find<FilterReport>(RunLayout.Filters(name)),
            Samples = reader.Find<SamplesDocument>(RunLayout.Samples(name))?.Samples ?? [],
            Dictionaries =
            [.. Sorting.Of(reader.Run.Dictionaries(name), recipe.Entries("dictionary"))
                .Select(one => DictionaryContents.Read(reader, pictures, name, one, asked, whole))],
            Neurons = FeatureSet.Read(reader, pictures, name, RunLayout.Neurons, asked, whole),
            Sweeps = SweepContents.ReadAll(reader, name, recipe.Entries("sweep")),
            Comparisons = ComparisonContents.ReadAll(reader, name),
            Flow = reader.Find<FlowDocument>(RunLayout.Flow(name)) is { Units.Count: > 0 } flow ? flow : null,
            Truth = reader.Find<TruthDocument>(RunLayout.Truth(name)) is { Groups.Count: > 0 } truth ? truth : null,
            Cams = reader.Find<CamsDocument>(RunLayout.Cams(name)) is { } cams && cams.Report.Methods.Count + cams.Examples.Count > 0
            ? cams : null,
            Effects = [.. Sorting.Of(reader.Run.Dictionaries(name), recipe.Entries("dictionary")).Prepend(RunLayout.Neurons)
                .Select(source => EffectContents.Read(reader, name, source)).OfType<EffectContents>()],
            Curves = reader.Find<CurvesDocument>(RunLayout.Curves(name)) is { Curves.Count: > 0 } curves ? curves : null,
            Replication = reader.Find<ReplicationDocument>(RunLayout.Replication(name)) is { Pairs.Count: > 0 } replication ? replication : null,
            Shortcuts = reader.Find<ShortcutsDocument>(RunLayout.Shortcuts(name)) is { Classes.Count: > 0 } shortcuts ? shortcuts : null,
            Circuits = CircuitContents.ReadAll(reader, name),
        };
}
