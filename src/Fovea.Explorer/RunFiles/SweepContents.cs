namespace Fovea.Explorer.RunFiles;

/// <summary>One dictionary of a sweep as it was measured; measures are means over folds.</summary>
public sealed record SweepPoint
{
    public required string Id { get; init; }
    public required string Label { get; init; }
    public string? Architecture { get; init; }
    public bool Baseline { get; init; }
    public string? Filter { get; init; }
    public double? Sparsity { get; init; }
    public double? Clip { get; init; }
    public long Seed { get; init; }
    public long? LatentSize { get; init; }

    /// <summary>By the filter whose held-out draws they are of.</summary>
    public required IReadOnlyDictionary<string, SweepMeasure> Measures { get; init; }

    public SpliceResult? Splice { get; init; }

    internal static SweepPoint Read(JsonView json) => new()
    {
        Id = json["id"].Text ?? "",
        Label = json["label"].Text ?? "",
        Architecture = json["architecture"].Text,
        Baseline = json["baseline"].Text == "true",
        Filter = json["filter"].Text,
        Sparsity = json["sparsity"].Number,
        Clip = json["clip"].Number,
        Seed = json["seed"].Integer ?? 0,
        LatentSize = json["dSae"].Integer,
        Measures = json["measures"].Fields.ToDictionary(field => field.Name, field => SweepMeasure.Read(field.Value.Items), StringComparer.Ordinal),
        Splice = json["splice"].Exists ? SpliceResult.Read(json["splice"]) : null,
    };
}

/// <summary>What a dictionary does to held-out vectors.</summary>
public sealed record SweepMeasure(double? Fvu, double? L0, double? DeadFraction, double? DenseFraction, double? ActiveUnitsDrop, double? Bias)
{
    internal static SweepMeasure Read(IReadOnlyList<JsonView> folds)
    {
        DictionaryScores[] scores = [.. folds.Select(fold => DictionaryScores.Read(fold["scores"]))];
        return new SweepMeasure(Mean(one => one.Fvu), Mean(one => one.L0), Mean(one => one.DeadFraction), Mean(one => one.DenseFraction),
            Mean(one => one.ActiveUnits.Drop), Mean(one => one.ReconstructionBias));

        double? Mean(Func<DictionaryScores, double?> value) =>
            scores.Select(value).OfType<double>().ToArray() is { Length: > 0 } values ? values.Average() : null;
    }
}

/// <summary>Dictionaries of different seeds, matched.</summary>
public sealed record SweepStability(string Id, long? Seeds, double? MatchedCosine, double? MaximumCosine);

/// <summary>What the sweep went on without, and why.</summary>
public sealed record SweepFailure(string Id, string Reason);

/// <summary>One sweep: <c>sweeps/LAYER/NAME</c>.</summary>
public sealed record SweepContents
{
    public required string Layer { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public long Folds { get; init; } = 1;
    public IReadOnlyList<string> Validate { get; init; } = [];
    public IReadOnlyList<SweepPoint> Points { get; init; } = [];
    public IReadOnlyList<SweepStability> Stability { get; init; } = [];
    public IReadOnlyList<SweepFailure> Failed { get; init; } = [];

    /// <summary>The curves of the autoencoders by id; of the first fold where there are several.</summary>
    public IReadOnlyList<(string Id, IReadOnlyList<DictionaryStep> History)> Histories { get; init; } = [];

    /// <summary>The filter of the main measure.</summary>
    public string Main => Validate.Count > 0 ? Validate[0] : "";

    internal static IReadOnlyList<SweepContents> ReadAll(string folder, string layer, IReadOnlyList<string> first, ICollection<string> problems) =>
        [.. Folders.Of(Path.Combine(folder, "sweeps", layer), first).Select(name => Read(folder, layer, name, problems)).OfType<SweepContents>()];

    private static SweepContents? Read(string folder, string layer, string name, ICollection<string> problems)
    {
        string path = Path.Combine(folder, "sweeps", layer, name);
        JsonView sweep = JsonView.Open(Path.Combine(path, "sweep.json"), problems);
        if (!sweep.Exists) return null; // not finished
        SweepPoint[] points = [.. sweep["points"].Items.Select(SweepPoint.Read)];
        return new SweepContents
        {
            Layer = layer,
            Name = name,
            Description = sweep["description"].Text,
            Folds = sweep["folds"].Integer ?? 1,
            Validate = [.. sweep["validate"].Items.Select(item => item.Text).OfType<string>()],
            Points = points,
            Stability = [.. sweep["stability"].Items.Select(item => new SweepStability(
                item["id"].Text ?? "", item["seeds"].Integer, item["matchedCosine"].Number, item["maximumCosine"].Number))],
            Failed = [.. sweep["failed"].Items.Select(item => new SweepFailure(item["id"].Text ?? "", item["reason"].Text ?? ""))],
            Histories = [.. points.Where(point => !point.Baseline).Select(point => point.Id).Distinct().Select(id => (id, History(Path.Combine(path, "members", id), problems)))],
        };
    }

    private static IReadOnlyList<DictionaryStep> History(string member, ICollection<string> problems)
    {
        string whole = Path.Combine(member, "history.jsonl"), fold = Path.Combine(member, "fold-0", "history.jsonl");
        return DictionaryStep.ReadAll(File.Exists(whole) ? whole : fold, problems);
    }
}
