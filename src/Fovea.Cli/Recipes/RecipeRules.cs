using System.Globalization;
using Fovea.Cli.Terminal;
using Fovea.IO;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Recipes;

/// <summary>What values a recipe may hold, beyond their types: ranges, choices, and that tables name each other rightly.</summary>
internal static class RecipeRules
{
    private sealed record Rule(Type Table, string Key, Func<object, string?> Problem);

    private static readonly Rule[] Rules =
    [
        For<WorkflowSettings>("schema", s => s.Schema == 1 ? null : $"is {s.Schema}: this version reads schema 1"),
        For<WorkflowSettings>("name", s => FolderName(s.Name)),
        For<WorkflowSettings>("seed", s => s.Seed <= long.MaxValue ? null : $"is {s.Seed}: it must be at most {long.MaxValue}"),
        For<DataSettings>("source", s => s.Source.Length > 0 ? null : "is empty: it must be a folder, a tar or shapesworld"),
        For<DataSettings>("layout", s => OneOf(s.Layout, Catalogues.Layouts)),
        For<DataSettings>("train_images", s => AtLeast(s.TrainImages, 0)),
        For<DataSettings>("validation_images", s => AtLeast(s.ValidationImages, 0)),
        For<DataSettings>("resize", s => AtLeast(s.Resize, 0)),
        For<DataSettings>("crop", s => AtLeast(s.Crop, 8)),
        For<DataSettings>("mean", s => Channels(s.Mean) ?? (s.Mean.All(value => value is >= 0 and <= 1) ? null : "must lie in [0, 1]")),
        For<DataSettings>("std", s => Channels(s.Std) ?? (s.Std.All(value => value > 0) ? null : "must be greater than 0")),
        For<ModelSettings>("architecture", s => OneOf(s.Architecture, Catalogues.Architectures)),
        For<ModelSettings>("leaky_slope", s => Between(s.LeakySlope, 0, 1)),
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
        For<TrainSettings>("statistics_images", s => AtLeast(s.StatisticsImages, 0)),
        For<TrainSettings>("compare", s => Distinct([.. s.Compare.Select(other => other.Name)])),
        For<CompareSettings>("name", s => PathName(s.Name)),
        For<CompareSettings>("learning_rate", s => s.LearningRate >= 0 ? null : "must be 0 (the run's) or more"),
        For<CompareSettings>("epochs", s => AtLeast(s.Epochs, 0)),
        For<HarvestSettings>("layers", s => s.Layers.Count == 0 ? "is empty: name at least one layer" : s.Layers.Select(PathName).FirstOrDefault(problem => problem is not null) ?? Distinct(s.Layers)),
        For<HarvestSettings>("filters", s => s.Filters.Count == 0 ? "is empty: name at least one filter"
            : s.Filters.Select(filter => OneOf(filter, Catalogues.Filters)).FirstOrDefault(problem => problem is not null) ?? Distinct(s.Filters)),
        For<HarvestSettings>("split", s => OneOf(s.Split, ["train", "validation"])),
        For<HarvestSettings>("images", s => AtLeast(s.Images, 0)),
        For<HarvestSettings>("batch_size", s => AtLeast(s.BatchSize, 1)),
        For<HarvestSettings>("active_threshold", s => s.ActiveThreshold >= 0 ? null : "must be 0 or more"),
        For<DataSettings>("validation_fraction", s => s.ValidationFraction is > 0 and < 1 ? null : "must lie between 0 and 1, both excluded"),
        For<HarvestSettings>("validation_fraction", s => s.ValidationFraction is > 0 and < 1 ? null : "must lie between 0 and 1, both excluded"),
        For<HarvestSettings>("sample_images", s => AtLeast(s.SampleImages, 0)),
        For<DictionarySettings>("name", s => FolderName(s.Name) ?? (SafeName.Collision([RunFolder.NeuronSource, s.Name]) is null ? null
            : $"is '{s.Name}', which names the layer's own units: choose another")),
        For<TrainingSettings>("architecture", s => OneOf(s.Architecture, Catalogues.Autoencoders)),
        For<TrainingSettings>("filter", s => OneOf(s.Filter, Catalogues.Filters)),
        For<TrainingSettings>("expansion", s => LeftOut(s, s.Expansion) ? null : Positive(s.Expansion)),
        For<TrainingSettings>("sparsity", s => s.Sparsity >= 0 ? null : "must be 0 (the variant's default) or more"),
        For<TrainingSettings>("batch_size", s => LeftOut(s, s.BatchSize) ? null : AtLeast(s.BatchSize, 1)),
        For<TrainingSettings>("learning_rate", s => LeftOut(s, s.LearningRate) ? null : Positive(s.LearningRate)),
        For<TrainingSettings>("epochs", s => LeftOut(s, s.Epochs) ? null : AtLeast(s.Epochs, 1)),
        For<TrainingSettings>("learning_rate_warmup", s => Between(s.LearningRateWarmup, 0, 1)),
        For<TrainingSettings>("learning_rate_decay", s => Between(s.LearningRateDecay, 0, 1 - s.LearningRateWarmup)),
        For<TrainingSettings>("gradient_clip", s => s.GradientClip >= 0 ? null : "must be 0 (no limit) or more"),
        For<TrainingSettings>("bias_start", s => OneOf(s.BiasStart, Catalogues.BiasStarts)),
        For<TrainingSettings>("clip", s => s.Clip >= 0 ? null : "must be 0 or more"),
        For<TrainingSettings>("penalty", s => OneOf(s.Penalty, Catalogues.Penalties)),
        For<TrainingSettings>("target_l0", s => Positive(s.TargetL0)),
        For<TrainingSettings>("second_k", s => AtLeast(s.SecondK, 0)),
        For<TrainingSettings>("second_weight", s => Positive(s.SecondWeight)),
        For<TrainingSettings>("auxiliary_k", s => AtLeast(s.AuxiliaryK, 0)),
        For<TrainingSettings>("dead_after", s => s.DeadAfter >= 0 ? null : "must be 0 (half a pass) or more"),
        For<TrainingSettings>("cap", s => s.Cap >= 0 ? null : "must be 0 (none) or more"),
        For<SweepSettings>("name", s => FolderName(s.Name)),
        For<SweepSettings>("images", s => AtLeast(s.Images, 0)),
        For<SweepSettings>("validate", s => s.Validate.Count == 0 ? "is empty: name at least one filter"
            : s.Validate.Select(filter => OneOf(filter, Catalogues.Filters)).FirstOrDefault(problem => problem is not null) ?? Distinct(s.Validate)),
        For<SweepSettings>("folds", s => AtLeast(s.Folds, 1)),
        For<SweepSettings>("points_per_epoch", s => AtLeast(s.PointsPerEpoch, 1)),
        For<SweepSettings>("baselines", s =>
            s.Baselines.Select(baseline => OneOf(baseline, Catalogues.PlainDictionaries)).FirstOrDefault(problem => problem is not null) ?? Distinct(s.Baselines)),
        For<SweepSettings>("baseline_k", s => s.BaselineK.All(k => k >= 1 && k == Math.Floor(k)) ? null : "must be whole numbers of at least 1"),
        For<SweepSettings>("baseline_expansion", s => Positive(s.BaselineExpansion)),
        For<SweepSettings>("expansion", s => Positive(s.Expansion)),
        For<SweepSettings>("batch_size", s => AtLeast(s.BatchSize, 1)),
        For<SweepSettings>("learning_rate", s => Positive(s.LearningRate)),
        For<SweepSettings>("epochs", s => AtLeast(s.Epochs, 1)),
        For<SweepSettings>("cap", s => s.Cap >= 0 ? null : "must be 0 (none) or more"),
        For<SweepSettings>("dictionary", s => s.Dictionary.Count + s.Baselines.Count > 0 ? null : "is empty, and so is baselines: there is nothing to compare"),
        For<SweepDictionarySettings>("label", s => s.Label.Length == 0 ? null : PathName(s.Label)),
        For<SweepDictionarySettings>("sparsities", s => s.Sparsities.All(value => value >= 0) ? null : "must be 0 (the variant's default) or more"),
        For<SweepDictionarySettings>("expansions", s => s.Expansions.All(value => value > 0) ? null : "must be greater than 0"),
        For<SweepDictionarySettings>("filters", s =>
            s.Filters.Select(filter => OneOf(filter, Catalogues.Filters)).FirstOrDefault(problem => problem is not null) ?? Distinct(s.Filters)),
        For<SweepDictionarySettings>("clips", s => s.Clips.Any(value => value < 0) ? "must be 0 or more"
            : s.Clips.Count > 0 && s.Architecture != "l1" ? "is for l1 only" : null),
        For<SweepDictionarySettings>("seeds", s => AtLeast(s.Seeds, 1)),
        For<DictionarySettings>("checkpoint_every_steps", s => AtLeast(s.CheckpointEverySteps, 1)),
        For<FeatureSettings>("pictures", s => AtLeast(s.Pictures, 0)),
        For<FeatureSettings>("side_by_side", s => AtLeast(s.SideBySide, 0)),
        For<FeatureSettings>("presets", s => s.Presets.Select(name => OneOf(name, Catalogues.Presets)).FirstOrDefault(problem => problem is not null)),
        For<FeatureSettings>("seeds", s => AtLeast(s.Seeds, 1)),
        For<FeatureSettings>("class_pictures", s => AtLeast(s.ClassPictures, 0)),
        For<FeatureSettings>("measured_images", s => AtLeast(s.MeasuredImages, 0)),
        For<FeatureSettings>("flow", s => AtLeast(s.Flow, 0)),
        For<FeatureSettings>("flow_steps", s => s.FlowSteps.Count > 0 && s.FlowSteps.All(step => step >= 1 && step == Math.Floor(step)) ? null : "must be whole numbers from 1 on"),
        For<JudgeSettings>("architecture", s => OneOf(s.Architecture, Catalogues.Architectures)),
        For<JudgeSettings>("classes", s => AtLeast(s.Classes, 1)),
        For<JudgeSettings>("size", s => s.Size == 0 ? null : AtLeast(s.Size, 8)),
        For<JudgeSettings>("images", s => AtLeast(s.Images, 4)),
        For<FeatureSettings>("steps", s => AtLeast(s.Steps ?? 1, 1)),
        For<FeatureSettings>("learning_rate", s => Positive(s.LearningRate ?? 1)),
        For<FeatureSettings>("total_variation", s => s.TotalVariation is null or >= 0 ? null : "must be 0 or more"),
        For<FeatureSettings>("blur", s => s.Blur is null or >= 0 ? null : "must be 0 or more"),
        For<FeatureSettings>("views", s => AtLeast(s.Views, 0)),
        For<FeatureSettings>("size", s => s.Size == 0 ? null : AtLeast(s.Size, 8)),
        For<FeatureSettings>("batch_size", s => AtLeast(s.BatchSize, 0)),
        For<FeatureSettings>("examples", s => AtLeast(s.Examples, 1)),
        For<FeatureSettings>("compare_units", s => AtLeast(s.CompareUnits, 1)),
    ];

    /// <summary>Every broken rule as an error line.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="where">The place of a path such as <c>dictionary.0.layer</c>.</param>
    public static IEnumerable<string> Check(WorkflowSettings settings, Func<string, string> where)
    {
        foreach ((string path, object table) in Tables(settings, ""))
        {
            foreach (Rule rule in Rules.Where(rule => rule.Table.IsInstanceOfType(table)))
            {
                string key = SettingNames.Join(path, rule.Key);
                if (rule.Problem(table) is { } problem) yield return $"{where(key)}: {key} {problem}.";
            }
        }
        foreach (string problem in CheckReferences(settings, where)) yield return problem;
    }

    private static IEnumerable<string> CheckReferences(WorkflowSettings settings, Func<string, string> where)
    {
        if (settings.Harvest is not { } harvest)
        {
            if (settings.Dictionary.Count > 0) yield return $"{where("dictionary")}: [[dictionary]] needs activations: add a table [harvest].";
            if (settings.Sweep.Count > 0) yield return $"{where("sweep")}: [[sweep]] needs activations: add a table [harvest].";
            if (settings.Features is not null) yield return $"{where("features")}: [features] needs activations: add a table [harvest].";
            yield break;
        }
        for (int i = 0; i < settings.Dictionary.Count; i++)
        {
            DictionarySettings dictionary = settings.Dictionary[i];
            string path = $"dictionary.{i}";
            foreach (string problem in Harvested(harvest, path, dictionary.Layer, [("filter", [dictionary.Filter])], where)) yield return problem;
            if (settings.Dictionary.Take(i).Any(earlier => earlier.Layer == dictionary.Layer && AreOne(earlier.Name, dictionary.Name)))
                yield return $"{where(path + ".name")}: two dictionaries of {dictionary.Layer} are called '{dictionary.Name}'.";
        }
        for (int i = 0; i < settings.Sweep.Count; i++)
        {
            SweepSettings sweep = settings.Sweep[i];
            string path = $"sweep.{i}";
            foreach (string problem in Harvested(harvest, path, sweep.Layer, [("validate", sweep.Validate)], where)) yield return problem;
            for (int j = 0; j < sweep.Dictionary.Count; j++)
            {
                foreach (string problem in Harvested(harvest, $"{path}.dictionary.{j}", null, [("filter", [sweep.Dictionary[j].Filter]), ("filters", sweep.Dictionary[j].Filters)], where))
                    yield return problem;
            }
            if (settings.Sweep.Take(i).Any(earlier => earlier.Layer == sweep.Layer && AreOne(earlier.Name, sweep.Name)))
                yield return $"{where(path + ".name")}: two sweeps of {sweep.Layer} are called '{sweep.Name}'.";
        }
    }

    /// <summary>Whether two names are one folder on some disks.</summary>
    private static bool AreOne(string first, string second) => SafeName.Collision([first, second]) is not null;

    /// <summary>Layers and filters that a table names and that are not harvested.</summary>
    private static IEnumerable<string> Harvested(
        HarvestSettings harvest, string path, string? layer, IEnumerable<(string Key, IReadOnlyList<string> Filters)> uses, Func<string, string> where)
    {
        if (layer is not null && !harvest.Layers.Contains(layer))
            yield return $"{where(path + ".layer")}: {path}.layer is '{layer}', which harvest.layers does not name.{Suggestions.Sentence(layer, [.. harvest.Layers])}";
        foreach ((string key, IReadOnlyList<string> filters) in uses)
        {
            foreach (string filter in filters.Where(filter => Catalogues.Filters.Contains(filter) && !harvest.Filters.Contains(filter)))
                yield return $"{where($"{path}.{key}")}: {path}.{key} is '{filter}', which harvest.filters does not name. Known: {string.Join(", ", harvest.Filters)}.";
        }
    }

    private static IEnumerable<(string Path, object Table)> Tables(object table, string path)
    {
        yield return (path, table);
        foreach (var property in SettingNames.Properties(table.GetType()))
        {
            object? value = property.GetValue(table);
            string inner = SettingNames.Join(path, SettingNames.Key(property));
            if (value is null) continue;
            if (SettingNames.IsTable(property.PropertyType))
            {
                foreach (var found in Tables(value, inner)) yield return found;
            }
            else if (SettingNames.ElementType(property.PropertyType) is { } element && SettingNames.IsTable(element))
            {
                int index = 0;
                foreach (object item in (System.Collections.IEnumerable)value)
                {
                    foreach (var found in Tables(item, $"{inner}.{index}")) yield return found;
                    index++;
                }
            }
        }
    }

    private static Rule For<T>(string key, Func<T, string?> problem) => new(typeof(T), key, table => problem((T)table));

    /// <summary>A table of a sweep that leaves a value to it.</summary>
    private static bool LeftOut(TrainingSettings settings, double value) => settings is SweepDictionarySettings && value == 0;

    private static string? AtLeast(int value, int least) => value >= least ? null : $"is {value}: it must be at least {least}";

    private static string? Positive(double value) => value > 0 ? null : $"is {Number(value)}: it must be greater than 0";

    private static string? Between(double value, double low, double high) =>
        value >= low && value <= high ? null : $"is {Number(value)}: it must lie between {Number(low)} and {Number(high)}";

    private static string? Channels(IReadOnlyList<double> values) => values.Count == 3 ? null : $"has {values.Count} values: it must have 3 (red, green, blue)";

    private static string? OneOf(string value, IReadOnlyCollection<string> choices) =>
        choices.Contains(value)
            ? null
            : $"is '{value}': it must be one of {string.Join(", ", choices)}" + (Suggestions.Nearest(value, choices) is { } near ? $" (did you mean '{near}'?)" : "");

    private static string? Distinct(IReadOnlyList<string> names) =>
        SafeName.Collision(names) is not var (first, second) ? null
        : first == second ? $"names '{first}' twice"
        : $"names '{first}' and '{second}', which are one folder on some disks";

    private static string? FolderName(string name) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
            ? PathName(name)
            : $"is '{name}': it becomes a folder, so it must be letters, digits, '-' and '_'";

    /// <summary>A name that people read and that is also a folder's: only what some file system does not take is refused.</summary>
    private static string? PathName(string name) => SafeName.Problem(name) is { } problem ? $"cannot be used: {problem}, and it becomes a folder" : null;

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
