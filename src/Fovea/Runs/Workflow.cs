using Fovea.Distributed;
using Fovea.IO;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages;

namespace Fovea.Runs;

/// <summary>
/// The whole workflow in a run folder: the stages of <see cref="StageNames"/> that the recipe asks for, as a graph. Stages that are
/// complete are skipped, interrupted ones continued, changed ones refused with the difference shown. The report is built from the folder
/// afterwards.
/// </summary>
public sealed class Workflow
{
    /// <summary>
    /// The kinds of stages in order, as <see cref="WorkflowOptions.Until"/> and <see cref="WorkflowOptions.Redo"/> name them.
    /// </summary>
    public static IReadOnlyList<string> StageNames { get; } = [.. StageCatalogue.All.Select(kind => kind.Word)];

    /// <summary>The kinds of stages that a recipe asks for, each after those that it is made from.</summary>
    /// <param name="settings">The recipe.</param>
    /// <exception cref="FoveaException">Configuration: the settings contradict themselves.</exception>
    public static IReadOnlyList<StageGroup> Groups(WorkflowSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new StageGraph(StageCatalogue.All, settings).Groups();
    }

    private readonly WorkflowSettings _settings;
    private readonly string _recipeFolder;
    private readonly RunFolder _run;
    private readonly WorkflowOptions _options;
    private readonly StageGraph _graph;

    /// <summary>A workflow over <paramref name="run"/>.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="recipeFolder">Folder that relative paths of the settings start from.</param>
    /// <param name="run">Where results go.</param>
    /// <param name="options">How to do it.</param>
    /// <exception cref="FoveaException">Configuration: the settings contradict themselves, or a stage is named that there is
    /// not.</exception>
    public Workflow(WorkflowSettings settings, string recipeFolder, RunFolder run, WorkflowOptions options)
        : this(settings, recipeFolder, run, options, StageCatalogue.All)
    {
    }

    /// <summary>A workflow of other kinds of stages.</summary>
    internal Workflow(
        WorkflowSettings settings, string recipeFolder, RunFolder run, WorkflowOptions options, IReadOnlyList<StageKind> kinds)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(options);
        (_settings, _recipeFolder, _run, _options) =
            (settings, recipeFolder, run, options.Worker is null ? options with { Log = line => Note(run, options.Log, line) } : options);
        SettingsRules.Require(settings);
        _graph = new StageGraph(kinds, settings);
        _ = _graph.UpTo(options.Until);
        if (options.Redo is { } redo) _graph.Named(redo);
    }

    /// <summary>
    /// Does what is left to do. No second such call works in the run folder meanwhile: its lock is taken. Workers may (<see cref="Work"/>);
    /// parts that they are making are waited for.
    /// </summary>
    /// <exception cref="OperationCanceledException">Interrupted; the same call continues.</exception>
    /// <exception cref="FoveaException">What went wrong, and what to do about it. What can be known to fail is refused before anything is
    /// computed or written.</exception>
    public WorkflowResult Run(CancellationToken cancellation = default)
    {
        WritablePlace.RequireFolder(_run.Root, "The run folder");
        using var held = FolderLock.Take(_run.Root);
        using var context = new RunContext(_settings, _recipeFolder, _run, _options, cancellation);
        var runner = new StageRunner(_graph, context);
        var decisions = runner.Decide();
        var journal = new RunJournal(_run, _settings, _options, context.Device);
        try
        {
            _run.RemovePartialFiles();
            if (_options.Recipe is { } recipe) AtomicFile.WriteText(_run.Recipe, recipe);
            DataReport.Write(context);
            runner.Run(decisions, journal);
            _options.Processes?.Announce("");
            journal.End("done", 0);
            return Summarise();
        }
        catch (OperationCanceledException)
        {
            journal.End("interrupted", _options.ExitCodeOfInterruption());
            throw;
        }
        catch (Exception e)
        {
            journal.End("failed", _options.ExitCodeOfFailure(e), e.Message);
            throw;
        }
    }

    /// <summary>
    /// Takes part in the trainings of the run that the first process of the group carries out, until that one has nothing more to train. Writes nothing.
    /// </summary>
    /// <exception cref="OperationCanceledException">Interrupted, here or in another process.</exception>
    /// <exception cref="FoveaException">What went wrong here; the first process then waits in vain (<see cref="ProcessGroup.Abort"/>).</exception>
    /// <exception cref="InvalidOperationException">The options name no processes.</exception>
    public void Help(CancellationToken cancellation = default)
    {
        if (_options.Processes is not { } processes) throw new InvalidOperationException("The options of the workflow name no processes.");
        using var context = new RunContext(_settings, _recipeFolder, _run, _options with { Log = null }, cancellation);
        for (string name = processes.Next(); name.Length > 0; name = processes.Next())
            _graph.Stages.OfType<DictionaryStage>().First(stage => stage.Name == name).Help(context, processes);
    }

    /// <summary>
    /// Works on the run beside other processes, on this machine or others that see the same folder: makes the parts of stages that are free,
    /// joins those that are all done, and ends where nothing is free, nor will be in a stage that others are at. Nothing is locked: who makes a part claims it, and the results do not
    /// depend on how many work, or who makes what. <c>run.json</c> and <c>log.txt</c> are left to <see cref="Run"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">Interrupted; the same call continues.</exception>
    /// <exception cref="FoveaException">As <see cref="Run"/>; also where a stage was begun with another number of threads, or is to be
    /// redone.</exception>
    /// <exception cref="InvalidOperationException">The options name no worker.</exception>
    public WorkerResult Work(CancellationToken cancellation = default)
    {
        if (_options.Worker is not { } worker) throw new InvalidOperationException("The options of the workflow name no worker.");
        if (_options.Redo is not null)
            throw FoveaException.BadConfiguration("A stage is done again by one process: give --redo without --part first.");
        WritablePlace.RequireFolder(_run.Root, "The run folder");
        using var context = new RunContext(_settings, _recipeFolder, _run, _options, cancellation);
        var runner = new StageRunner(_graph, context);
        var decisions = runner.Decide();
        if (_options.Recipe is { } recipe) AtomicFile.WriteText(_run.Recipe, recipe);
        DataReport.Write(context);
        return runner.Work(decisions, worker);
    }

    /// <summary>
    /// What <see cref="Run"/> would read, compute and write; refuses what it would refuse before it computes. Writes nothing.
    /// </summary>
    /// <exception cref="FoveaException">As <see cref="Run"/>.</exception>
    public WorkflowPlan Plan()
    {
        WritablePlace.RequireFolder(_run.Root, "The run folder");
        // What is said of a network is said, and kept in the log, by the run.
        using var context = new RunContext(_settings, _recipeFolder, _run, _options with { Log = null }, CancellationToken.None);
        return WorkflowPlanner.Plan(context, new StageRunner(_graph, context).Decide());
    }

    private WorkflowResult Summarise()
    {
        var result = new WorkflowResult { Run = _run.Root };
        foreach (var stage in _graph.Stages)
        {
            bool complete = StageRecord.Find(stage.Folder(_run)) is { Complete: true, Stale: false };
            result = (complete
                ? stage.AddTo(result, _run)
                    : result) with
            {
                Stages =
                        [.. result.Stages, new StageResult(stage.Name, complete, complete ? stage.Summary(_run) : "")]
            };
        }
        return result;
    }

    /// <summary>Says a line and keeps it, with the time, in the run's log.</summary>
    private static void Note(RunFolder run, Action<string>? log, string line)
    {
        try
        {
            DiskEvents.RaiseWriting(run.Log);
            File.AppendAllText(run.Log, FormattableString.Invariant($"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} {line}\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of($"Cannot write {run.Log}", e);
        }
        log?.Invoke(line);
    }
}
