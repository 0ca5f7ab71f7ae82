using Fovea.Runs;

namespace Fovea.Explorer.Contents;

/// <summary>What the pages show of a run, asked for once; parts that are absent are empty, parts that cannot be read are told of.</summary>
public sealed class RunContents
{
    /// <summary>The run.</summary>
    public required IRunReader Reader { get; init; }

    /// <summary>How it was made; null where it does not say.</summary>
    public RunRecord? Record { get; init; }

    /// <summary>What was asked for.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>Its network.</summary>
    public required ModelContents Model { get; init; }

    /// <summary>Its layers, those of the recipe first, in the recipe's order.</summary>
    public required IReadOnlyList<LayerContents> Layers { get; init; }

    /// <summary>The stages that were begun.</summary>
    public required IReadOnlyList<StageRecord> Stages { get; init; }

    /// <summary>The kinds of stages, in the order of their sections.</summary>
    public required IReadOnlyList<StageSection> Kinds { get; init; }

    /// <summary>What raises the logits of classes.</summary>
    public required IReadOnlyList<ClassPicture> Classes { get; init; }

    /// <summary>What people wrote about its units.</summary>
    public required NoteBook Notes { get; init; }

    /// <summary>What could not be read until now, in words; shown on the first page.</summary>
    public IReadOnlyList<string> Problems => Careful?.Problems ?? [];

    /// <summary>What everything was asked through.</summary>
    internal CarefulReader? Careful { get; init; }

    /// <summary>Its pictures.</summary>
    public required RunPictures Pictures { get; init; }

    /// <summary>All dictionaries, by layer.</summary>
    public IEnumerable<DictionaryContents> Dictionaries => Layers.SelectMany(layer => layer.Dictionaries);

    /// <summary>All sweeps, by layer.</summary>
    public IEnumerable<SweepContents> Sweeps => Layers.SelectMany(layer => layer.Sweeps);

    /// <summary>All comparisons, by layer.</summary>
    public IEnumerable<ComparisonContents> Comparisons => Layers.SelectMany(layer => layer.Comparisons);

    /// <summary>All circuits, by later layer.</summary>
    public IEnumerable<CircuitContents> Circuits => Layers.SelectMany(layer => layer.Circuits);

    /// <summary>All sets of units with pictures: of each layer its neurons, then its dictionaries.</summary>
    public IEnumerable<FeatureSet> FeatureSets => Layers
        .SelectMany(layer => layer.Dictionaries.Select(dictionary => dictionary.Latents).Prepend(layer.Neurons))
        .OfType<FeatureSet>();

    /// <summary>Which engine read which layers, in words: <c>block4 by ONNX Runtime 1.31.1</c>; empty where the run does not say.</summary>
    public IReadOnlyList<string> Engines =>
    [
        .. Layers.Where(layer => layer.Engine is not null).GroupBy(layer => layer.Engine)
            .Select(group => $"{string.Join(", ", group.Select(layer => layer.Name))} by {group.Key}"),
    ];

    /// <summary>The title of the report's pages.</summary>
    public string Title => Recipe.Name ?? "run";

    /// <summary>The layer of a name; null where there is none.</summary>
    public LayerContents? Layer(string name) => Layers.FirstOrDefault(layer => layer.Name == name);

    /// <summary>The unit that an address is of; null where it is of none, or the run has no such unit.</summary>
    public (FeatureSet Set, Feature Unit)? Unit(PageAddress? address) => address is { Kind: PageKind.Feature }
        && Layer(address.LayerName!)?.Units(address.Name!) is { } set && set.Find(address.Number) is { } unit ? (set, unit) : null;

    /// <summary>Whether a unit has a page in the report.</summary>
    public bool Shows(string layer, string source, int unit) => Layer(layer)?.Units(source)?.Find(unit)?.HasPage == true;

    /// <summary>Asks a run for everything but what the page of one unit needs.</summary>
    /// <param name="run">The run.</param>
    /// <param name="kinds">The kinds of stages, in the order of their sections.</param>
    /// <param name="whole">Whether everything that pages may show is looked at now, as for a report; else when a page shows it.</param>
    /// <param name="ct">Stops the work.</param>
    internal static RunContents Read(IRunReader run, IReadOnlyList<StageSection> kinds, bool whole, CancellationToken ct)
    {
        var reader = new CarefulReader(run);
        var pictures = new RunPictures(run);
        var recipe = Recipe.Read(reader);
        var layers = new List<LayerContents>();
        foreach (string name in Sorting.Of(run.Layers, recipe.List("harvest", "layers")))
        {
            ct.ThrowIfCancellationRequested();
            layers.Add(LayerContents.Read(reader, pictures, recipe, name, whole));
        }
        var model = ModelContents.Read(reader);
        IReadOnlyList<ClassPicture> classes = reader.Find<ClassPicturesDocument>(RunLayout.Classes)?.Classes ?? [];
        var notes = NoteBook.Read(reader);
        pictures.Check(
            reader, model.Pictures.Concat(classes.Select(one => one.Picture.Below("features")))
                .Concat(layers.SelectMany(layer => layer.Pictures)));
        return new RunContents
        {
            Reader = run,
            Pictures = pictures,
            Record = reader.Find<RunRecord>(RunLayout.Run),
            Recipe = recipe,
            Model = model,
            Layers = layers,
            Stages = [.. run.StageFolders.Select(folder => reader.Find<StageRecord>(RunLayout.Stage(folder))).OfType<StageRecord>()],
            Kinds = kinds,
            Classes = classes,
            Notes = notes,
            Careful = reader,
        };
    }
}
