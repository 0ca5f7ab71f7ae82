using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.IO;
using Fovea.Models.Graph;
using Fovea.Visualization;
using static Fovea.IO.RuleProblems;

namespace Fovea.Runs.Settings;

/// <summary>
/// What values settings may hold, beyond their types: ranges, choices, and that tables name each other rightly. Nothing is read to find it
/// out.
/// </summary>
public static class SettingsRules
{
    private static readonly Rule[] Rules =
    [
        For<WorkflowSettings>("schema", s => s.Schema == 1 ? null : $"is {s.Schema}: this version reads schema 1"),
        For<WorkflowSettings>("name", s => FolderName(s.Name)),
        For<WorkflowSettings>("seed", s => s.Seed <= long.MaxValue ? null : $"is {s.Seed}: it must be at most {long.MaxValue}"),
        For<DataSettings>("source", s => s.Source.Length > 0 ? null : "is empty: it must be a folder, a tar or shapesworld"),
        For<DataSettings>("layout", s => OneOf(s.Layout, SettingChoices.Layouts)),
        For<DataSettings>("shortcut", s => s.Shortcut is { } shortcut ? PlantedShortcut.Problem(shortcut)
            ?? (!RunSources.IsGenerated(s.Source) && PlantedShortcut.Parse(shortcut).Kind != ShortcutKind.Mark
                ? "is for source = \"shapesworld\": into other images a mark can be painted" : null) : null),
        For<DataSettings>("train_images", s => GivenWhole(s.TrainImages, 1, "all")),
        For<DataSettings>("validation_images", s => GivenWhole(s.ValidationImages, 1, "all")),
        For<DataSettings>("resize", s => GivenWhole(s.Resize, 8, "no resizing")),
        For<DataSettings>("crop", s => GivenWhole(s.Crop, 8, "the network's")),
        For<DataSettings>("width", s => s is { Width: not null, Crop: null } ? "stands without crop, the height" : GivenWhole(
            s.Width, 8, "a square")),
        For<DataSettings>("interpolation", s => s.Interpolation is { } filter ? OneOf(filter, SettingChoices.Interpolations) : null),
        For<DataSettings>("squash", s => s is { Squash: not null, Resize: null } ? "stands without resize" : null),
        For<DataSettings>(
            "mean", s => s.Mean is not { } mean ? null : Channels(mean)
                ?? (mean.All(value => value is >= 0 and <= 1) ? null : "must lie in [0, 1]")),
        For<DataSettings>(
            "std", s => s.Std is not { } std ? null : Channels(std) ?? (std.All(value => value > 0) ? null : "must be greater than 0")),
        For<ModelSettings>(
            "architecture", s => s.Network is null ? s.Architecture.Length == 0
                ? "is missing: name one of the catalogue, or a file in network"
            : OneOf(s.Architecture, SettingChoices.Architectures) : s.Architecture.Length == 0
                ? null : "stands beside network, which is a whole network already: take one of them away"),
        For<ModelSettings>(
            "network", s => s.Network is not null && s.Weights is not null
                ? "stands beside weights, which are in the network's file already: take one of them away" : null),
        For<ModelSettings>("preprocess", s => s.Preprocess is not null && s.Network is null ? "is for a network from a file" : null),
        For<ModelSettings>("output", s => s.Output is not null && s.Network is null ? "is for a network from a file" : null),
        For<ModelSettings>("classes", s => OneOf(s.Classes, NetworkClasses.All)),
        For<ModelSettings>(
            "class_list", s => s.ClassList is null || s.Classes == NetworkClasses.Other ? null
                : "is for classes = \"other\"; the list of classes that images and network share is [data] classes"),
        For<ModelSettings>(
            "tokens", s => s.Tokens is null ? null : s.Network is null ? "is for a network from a file"
                : TokenGrid.TryParse(s.Tokens, out _) ? null : "must be rows x columns, such as 14x14"),
        For<ModelSettings>(
            "prefix", s => s.Prefix is null ? null : s.Tokens is null ? "is for tokens, which is missing" : AtLeast(s.Prefix.Value, 0)),
        For<ModelSettings>("leaky_slope", s => Between(s.LeakySlope, 0, 1)),
        For<ModelSettings>("engine", s => s.Engine is { } engine ? OneOf(engine, SettingChoices.Engines) : null),
        For<TrainSettings>("epochs", s => AtLeast(s.Epochs, 1)),
        For<TrainSettings>("batch_size", s => AtLeast(s.BatchSize, 1)),
        For<TrainSettings>("learning_rate", s => Positive(s.LearningRate)),
        For<TrainSettings>("minimum_learning_rate", s => Between(s.MinimumLearningRate, 0, s.LearningRate)),
        For<TrainSettings>("checkpoint_every_steps", s => AtLeast(s.CheckpointEverySteps, 1)),
        For<TrainSettings>("crop_scale", s => s.CropScale > 0 ? Between(s.CropScale, 0, 1) : "must be greater than 0 and at most 1"),
        For<TrainSettings>("flip", s => Between(s.Flip, 0, 1)),
        For<TrainSettings>("jitter", s => Between(s.Jitter, 0, 1)),
        For<TrainSettings>("hue", s => Between(s.Hue, 0, 0.5)),
        For<TrainSettings>("erase", s => Between(s.Erase, 0, 1)),
        For<TrainSettings>("statistics_images", s => GivenWhole(s.StatisticsImages, 1, "running averages")),
        For<TrainSettings>("compare", s => Distinct([.. s.Compare.Select(other => other.Name)])),
        For<CompareSettings>("name", s => PathName(s.Name)),
        For<CompareSettings>("learning_rate", s => Given(s.LearningRate, "the run's")),
        For<CompareSettings>("epochs", s => GivenWhole(s.Epochs, 1, "the run's")),
        For<HarvestSettings>(
            "layers", s => s.Layers.Count == 0
                ? "is empty: name at least one layer" : s.Layers.Select(PathName).FirstOrDefault(problem => problem is not null)
                    ?? Distinct(s.Layers)),
        For<HarvestSettings>("filters", s => s.Filters.Count == 0 ? "is empty: name at least one filter"
            : s.Filters.Select(filter => OneOf(filter, SettingChoices.Filters)).FirstOrDefault(problem => problem is not null)
                ?? Distinct(s.Filters)),
        For<HarvestSettings>("split", s => OneOf(s.Split, ["train", "validation"])),
        For<HarvestSettings>("images", s => GivenWhole(s.Images, 1, "all")),
        For<HarvestSettings>("batch_size", s => AtLeast(s.BatchSize, 1)),
        For<HarvestSettings>("precision", s => OneOf(s.Precision, SettingChoices.Precisions)),
        For<HarvestSettings>("active_threshold", s => s.ActiveThreshold >= 0 ? null : "must be 0 or more"),
        For<DataSettings>(
            "validation_fraction", s => s.ValidationFraction is > 0 and < 1 ? null : "must lie between 0 and 1, both excluded"),
        For<HarvestSettings>(
            "validation_fraction", s => s.ValidationFraction is > 0 and < 1 ? null : "must lie between 0 and 1, both excluded"),
        For<HarvestSettings>("shard_megabytes", s => s.ShardMegabytes is >= 1 and <= 65536 ? null : "must be from 1 to 65536"),
        For<HarvestSettings>("storage", s => s.Storage is null ? null : OneOf(s.Storage, SettingChoices.Storages)),
        For<HarvestSettings>("keep", s => GivenWhole(s.Keep, 1, "all positions")),
        For<HarvestSettings>("keep_by", s => s.KeepBy is null ? null : OneOf(s.KeepBy, SettingChoices.Filters)),
        For<HarvestSettings>("sample_images", s => AtLeast(s.SampleImages, 0)),
        For<DictionarySettings>("name", s => FolderName(s.Name) ?? (SafeName.Collision([RunFolder.NeuronSource, s.Name]) is null ? null
            : $"is '{s.Name}', which names the layer's own units: choose another")),
        For<DictionarySettings>("filter", s => OneOf(s.Filter, SettingChoices.Filters)),
        For<SweepDictionarySettings>("filter", s => OneOf(s.Filter, SettingChoices.Filters)),
        For<SweepDictionarySettings>("expansion", s => s.Expansion is { } own ? Positive(own) : null),
        For<SweepDictionarySettings>("batch_size", s => s.BatchSize is { } own ? AtLeast(own, 1) : null),
        For<SweepDictionarySettings>("learning_rate", s => s.LearningRate is { } own ? Positive(own) : null),
        For<SweepDictionarySettings>("epochs", s => s.Epochs is { } own ? AtLeast(own, 1) : null),
        For<SweepSettings>("name", s => FolderName(s.Name)),
        For<SweepSettings>("images", s => GivenWhole(s.Images, 1, "all")),
        For<SweepSettings>("validate", s => s.Validate.Count == 0 ? "is empty: name at least one filter"
            : s.Validate.Select(filter => OneOf(filter, SettingChoices.Filters)).FirstOrDefault(problem => problem is not null)
                ?? Distinct(s.Validate)),
        For<SweepSettings>("folds", s => AtLeast(s.Folds, 1)),
        For<SweepSettings>("points_per_epoch", s => AtLeast(s.PointsPerEpoch, 1)),
        For<SweepSettings>("baselines", s =>
            s.Baselines.Select(baseline => OneOf(baseline, SettingChoices.PlainDictionaries))
                .FirstOrDefault(problem => problem is not null) ?? Distinct(s.Baselines)),
        For<SweepSettings>(
            "baseline_k", s => s.BaselineK.All(k => k >= 1 && k == Math.Floor(k)) ? null : "must be whole numbers of at least 1"),
        For<SweepSettings>("baseline_expansion", s => Positive(s.BaselineExpansion)),
        For<SweepSettings>("expansion", s => Positive(s.Expansion)),
        For<SweepSettings>("batch_size", s => AtLeast(s.BatchSize, 1)),
        For<SweepSettings>("learning_rate", s => Positive(s.LearningRate)),
        For<SweepSettings>("epochs", s => AtLeast(s.Epochs, 1)),
        For<SweepSettings>("cap", s => Given(s.Cap, "none")),
        For<SweepSettings>(
            "dictionary", s => s.Dictionary.Count + s.Baselines.Count > 0
                ? null : "is empty, and so is baselines: there is nothing to compare"),
        For<SweepDictionarySettings>("label", s => s.Label is { } label ? PathName(label) : null),
        For<SweepDictionarySettings>("sparsities", s => s.Sparsities.All(value => value > 0) ? null : "must be greater than 0"),
        For<SweepDictionarySettings>("expansions", s => s.Expansions.All(value => value > 0) ? null : "must be greater than 0"),
        For<SweepDictionarySettings>("filters", s =>
            s.Filters.Select(filter => OneOf(filter, SettingChoices.Filters)).FirstOrDefault(problem => problem is not null)
                ?? Distinct(s.Filters)),
        For<SweepDictionarySettings>("clips", s => s.Clips.Any(value => value < 0) ? "must be 0 or more"
            : s.Clips.Count > 0 && s.Options.Variant is not L1Options ? "is for l1 only" : null),
        // Every one is planned for before anything is trained.
        For<SweepDictionarySettings>("seeds", s => s.Seeds > Stages.Sweeps.SweepPlan.MostSeeds ? $"is {s.Seeds}: it must be at most {Stages.Sweeps.SweepPlan.MostSeeds}" : AtLeast(s.Seeds, 1)),
        For<FeatureSettings>("pictures", s => AtLeast(s.Pictures, 0)),
        For<FeatureSettings>("side_by_side", s => AtLeast(s.SideBySide, 0)),
        For<FeatureSettings>(
            "presets", s => s.Presets.Select(name => OneOf(name, SettingChoices.Presets)).FirstOrDefault(problem => problem is not null)
                ?? Distinct(s.Presets) ?? (s.Presets.Contains(RenderPresets.Paper.Preset)
                    ? $"names '{RenderPresets.Paper.Preset}', which every unit is drawn by: name those to stand beside it" : null)),
        For<FeatureSettings>("seeds", s => AtLeast(s.Seeds, 1)),
        For<FeatureSettings>("class_pictures", s => AtLeast(s.ClassPictures, 0)),
        For<FeatureSettings>("measured_images", s => GivenWhole(s.MeasuredImages, 1, "ImageNet's colours")),
        For<FeatureSettings>("flow", s => AtLeast(s.Flow, 0)),
        For<FeatureSettings>(
            "flow_steps", s => s.FlowSteps.Count > 0 && s.FlowSteps.All(step => step >= 1 && step == Math.Floor(step))
                ? null : "must be whole numbers from 1 on"),
        For<JudgeSettings>("architecture", s => OneOf(s.Architecture, SettingChoices.Architectures)),
        For<JudgeSettings>("classes", s => AtLeast(s.Classes, 1)),
        For<JudgeSettings>("size", s => GivenWhole(s.Size, 8, "as the run's network sees them")),
        For<JudgeSettings>("images", s => AtLeast(s.Images, 4)),
        For<FeatureSettings>("steps", s => GivenWhole(s.Steps, 1, "the preset's")),
        For<FeatureSettings>("learning_rate", s => Given(s.LearningRate, "the preset's")),
        For<FeatureSettings>("total_variation", s => s.TotalVariation is null or >= 0 ? null : "must be 0 or more"),
        For<FeatureSettings>("blur", s => s.Blur is null or >= 0 ? null : "must be 0 or more"),
        For<FeatureSettings>("views", s => GivenWhole(s.Views, 1, "the preset's")),
        For<FeatureSettings>("size", s => GivenWhole(s.Size, 8, "the network's input size")),
        For<FeatureSettings>("batch_size", s => GivenWhole(s.BatchSize, 1, "as many as memory allows")),
        For<FeatureSettings>("examples", s => AtLeast(s.Examples, 1)),
        For<FeatureSettings>("compare_units", s => AtLeast(s.CompareUnits, 1)),
        For<ProofSettings>("images", s => AtLeast(s.Images, 2)),
        For<ProofSettings>("units", s => AtLeast(s.Units, 1)),
        For<ProofSettings>("integration_steps", s => AtLeast(s.IntegrationSteps, 0)),
        For<ProofSettings>("firing", s => AtLeast(s.Firing, 0)),
        For<ProofSettings>("curve_classes", s => AtLeast(s.CurveClasses, 0)),
        For<ProofSettings>("curve_images", s => AtLeast(s.CurveImages, 2)),
    ];

    /// <summary>Every broken rule.</summary>
    /// <param name="settings">The settings.</param>
    public static IEnumerable<SettingProblem> Check(WorkflowSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach ((string path, object table) in SettingNames.Tables(settings))
        {
            foreach (Rule rule in Rules.Where(rule => rule.Table.IsInstanceOfType(table)))
            {
                string key = SettingNames.Join(path, rule.Key);
                if (rule.Problem(table) is { } problem) yield return new SettingProblem(key, $"{key} {problem}.");
            }
            // An autoencoder's options know themselves what they may be, and so do those of its variant.
            var own = table switch
            {
                AutoencoderOptions options => options.Problems(),
                VariantOptions variant => variant.Problems(),
                _ => []
            };
            foreach (var (property, problem) in own.Where(one => one.Problem is not null))
            {
                string key = SettingNames.Join(path, SettingNames.Key(property));
                yield return new SettingProblem(key, $"{key} {problem}.");
            }
        }
        foreach (SettingProblem problem in SettingReferences.Check(settings)) yield return problem;
    }

    /// <summary>Refuses settings that break a rule, with all that is wrong.</summary>
    /// <param name="settings">The settings.</param>
    /// <exception cref="FoveaException">Configuration.</exception>
    public static void Require(WorkflowSettings settings)
    {
        SettingProblem[] problems = [.. Check(settings)];
        if (problems.Length > 0) throw SettingProblem.ToException(problems);
    }

    private static Rule For<T>(string key, Func<T, string?> problem) => new(typeof(T), key, table => problem((T)table));

    private sealed record Rule(Type Table, string Key, Func<object, string?> Problem);
}
