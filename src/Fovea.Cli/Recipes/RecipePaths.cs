using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Recipes;

/// <summary>Makes the paths of a recipe absolute: those it says are meant from its own folder.</summary>
internal static class RecipePaths
{
    /// <summary>The settings with full paths, so that the resolved recipe in a run folder means the same files.</summary>
    public static WorkflowSettings Resolve(WorkflowSettings settings, string folder) => settings with
    {
        Data = settings.Data with
        {
            Source = Full(settings.Data.Source, folder),
            Classes = FullOrNull(settings.Data.Classes, folder),
            Labels = FullOrNull(settings.Data.Labels, folder),
        },
        Model = Resolve(settings.Model, folder),
        Train = settings.Train is not { } train
            ? null
            : train with { Compare = [.. train.Compare.Select(other => other with { Model = Resolve(other.Model, folder) })] },
        Features = settings.Features is not { Judge: { } judge } features
            ? settings.Features
            : features with { Judge = judge with { Weights = Full(judge.Weights, folder) } },
    };

    private static ModelSettings Resolve(ModelSettings model, string folder) => model with
    {
        Weights = FullOrNull(model.Weights, folder),
        Network = FullOrNull(model.Network, folder),
        Preprocess = FullOrNull(model.Preprocess, folder),
        ClassList = FullOrNull(model.ClassList, folder),
    };

    private static string? FullOrNull(string? path, string folder) => string.IsNullOrEmpty(path) ? null : Full(path, folder);

    private static string Full(string path, string folder) =>
        RunSources.IsGenerated(path) ? path : Path.GetFullPath(path, Path.GetFullPath(folder));
}
