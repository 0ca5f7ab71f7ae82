using Fovea.Models;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages;
using Fovea.Runs.Stages.Features;
using Fovea.Runs.Stages.Sweeps;

namespace Fovea.Runs;

/// <summary>
/// The whole workflow in a run folder: train → harvest → dictionaries → sweeps → features. Finished stages are skipped, interrupted ones continued,
/// changed ones refused with the difference shown (<see cref="StageGate"/>). The report is built from the folder afterwards.
/// </summary>
public sealed class Workflow
{
    /// <summary>The stages in order, as <see cref="WorkflowOptions.Until"/> and <see cref="WorkflowOptions.Redo"/> name them.</summary>
    public static IReadOnlyList<string> StageNames { get; } = [ModelStage.Name, HarvestStage.Name, DictionaryStage.Name, SweepStage.Name, FeatureStage.Name];

    private readonly WorkflowSettings _settings;
    private readonly string _recipeFolder;
    private readonly RunFolder _run;
    private readonly WorkflowOptions _options;

    /// <summary>A workflow over <paramref name="run"/>.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="recipeFolder">Folder that relative paths of the settings start from.</param>
    /// <param name="run">Where results go; the caller holds its lock.</param>
    /// <param name="options">How to do it.</param>
    public Workflow(WorkflowSettings settings, string recipeFolder, RunFolder run, WorkflowOptions options)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(options);
        (_settings, _recipeFolder, _run, _options) = (settings, recipeFolder, run, options with { Log = line => Note(run, options.Log, line) });
        SettingsCheck.Require(settings);
        if (options.Until is { } until && !StageNames.Contains(until))
            throw FoveaException.BadConfiguration($"There is no stage '{until}'. There are: {string.Join(", ", StageNames)}.");
        if (options.Redo is { } redo && !StageNames.Contains(redo.Split(' ')[0]))
            throw FoveaException.BadConfiguration($"There is no stage '{redo}' to redo. There are: {string.Join(", ", StageNames)}.");
    }

    /// <summary>Does what is left to do.</summary>
    /// <exception cref="OperationCanceledException">Interrupted; the same call continues.</exception>
    /// <exception cref="FoveaException">What went wrong, and what to do about it.</exception>
    public WorkflowResult Run(CancellationToken cancellation = default)
    {
        using var context = new RunContext(_settings, _recipeFolder, _run, _options, cancellation);
        var record = new RunJournal(_run, _settings, _options, context.Device);
        try
        {
            _run.RemovePartialFiles();
            RunData.Report(context);
            RunStages(context, record);
            record.End("done", 0);
            return WorkflowSummary.Read(_run, _settings);
        }
        catch (OperationCanceledException)
        {
            record.End("interrupted", _options.ExitCodeOfInterruption());
            throw;
        }
        catch (Exception e)
        {
            record.End("failed", e is FoveaException known ? (int)known.Kind : 70, e.Message);
            throw;
        }
    }

    /// <summary>What <see cref="Run"/> would read, compute and write.</summary>
    public WorkflowPlan Plan()
    {
        using var context = new RunContext(_settings, _recipeFolder, _run, _options, CancellationToken.None);
        return WorkflowPlanner.Estimate(context);
    }

    private void RunStages(RunContext context, RunJournal journal)
    {
        string until = _options.Until ?? StageNames[^1];
        int last = StageNames.ToList().IndexOf(until);

        // A name that does not exist is refused before hours of work, not after them.
        if (last == StageNames.Count - 1) RelatedClasses.Of(context);
        using var network = new LazyNetwork(context);
        var model = journal.Time(ModelStage.Name, () => ModelStage.Pass(context));
        if (last < 1 || _settings.Harvest is null) return;

        var harvest = journal.Time(HarvestStage.Name, () => HarvestStage.Pass(context, model, network.Get));
        if (last < 2) return;

        var dictionaries = new List<StageRecord>();
        foreach (var dictionary in _settings.Dictionary)
            dictionaries.Add(journal.Time($"{DictionaryStage.Name} {dictionary.Layer}/{dictionary.Name}", () => DictionaryStage.Pass(context, dictionary, harvest, network.Get)));
        if (last < 3) return;

        foreach (var sweep in _settings.Sweep) journal.Time($"{SweepStage.Name} {sweep.Layer}/{sweep.Name}", () => SweepStage.Pass(context, sweep, harvest, network.Get));
        if (last < 4 || _settings.Features is null) return;

        journal.Time(FeatureStage.Name, () => FeatureStage.Pass(context, harvest, dictionaries, network.Get));
    }

    /// <summary>Says a line and keeps it, with the time, in the run's log.</summary>
    private static void Note(RunFolder run, Action<string>? log, string line)
    {
        File.AppendAllText(run.Log, FormattableString.Invariant($"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} {line}\n"));
        log?.Invoke(line);
    }

    /// <summary>The run's network, loaded when a stage first needs it: a run whose stages are all finished loads none.</summary>
    private sealed class LazyNetwork(RunContext context) : IDisposable
    {
        private ImageModel? _model;

        public ImageModel Get()
        {
            _model ??= ModelFile.Load(context.Run.Model, context.Device);
            _model.Eval();
            _model.SetTrainable(false);
            return _model;
        }

        public void Dispose() => _model?.Dispose();
    }
}
