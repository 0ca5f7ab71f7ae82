using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Fovea.Runs.Settings;
using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>Keeps <c>run.json</c> while a run goes on.</summary>
internal sealed class RunJournal
{
    private readonly RunFolder _run;
    private readonly WorkflowOptions _options;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<StageTiming> _stages = [];
    private RunRecord _record;

    public RunJournal(RunFolder run, WorkflowSettings settings, WorkflowOptions options, Device device)
    {
        (_run, _options) = (run, options);
        var started = DateTime.UtcNow;
        string id = File.Exists(run.RunRecord) ? Earlier(run)?.Id ?? NewId(settings, started) : NewId(settings, started);
        _record = new RunRecord
        {
            Id = id,
            Status = "running",
            Command = options.Command,
            Versions = Versions(),
            Device = device.ToString(),
            Threads = get_num_threads(),
            Seed = settings.Seed,
            Started = started,
        };
        Write();
    }

    /// <summary>Runs one stage, notes its time and says so.</summary>
    /// <param name="name">The stage.</param>
    /// <param name="stage">Says whether it was skipped.</param>
    public void Time(string name, Func<bool> stage)
    {
        double start = _clock.Elapsed.TotalSeconds;
        bool skipped = stage();
        double seconds = _clock.Elapsed.TotalSeconds - start;
        _stages.Add(new StageTiming(name, Math.Round(seconds, 3), skipped));
        Write();
        _options.Log?.Invoke(
            skipped ? $"{name}: finished before, skipped" : FormattableString.Invariant($"{name}: done in {seconds:0.0} s"));
    }

    public void End(string status, int exitCode, string? error = null)
    {
        _record = _record with { Status = status, ExitCode = exitCode, Ended = DateTime.UtcNow, Error = error };
        // The run has its outcome already; a full disk must not hide it behind a second error.
        try { Write(); }
        catch (FoveaException) when (exitCode != 0) { }
    }

    /// <summary>Versions of what decides the numbers.</summary>
    public static IReadOnlyDictionary<string, string> Versions() => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["fovea"] = typeof(RunJournal).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split(
            '+')[0] ?? "?",
        ["dotnet"] = RuntimeInformation.FrameworkDescription,
        ["torchSharp"] = typeof(Tensor).Assembly.GetName().Version?.ToString(3) ?? "?",
        ["libtorch"] = __version__,
    };

    private void Write() =>
        DocumentFile.Write(_run.RunRecord, _record with { Seconds = Math.Round(_clock.Elapsed.TotalSeconds, 3), Stages = [.. _stages] });

    private static string NewId(WorkflowSettings settings, DateTime started) =>
        FormattableString.Invariant($"{settings.Name}-{started:yyyyMMdd-HHmmss}");

    private static RunRecord? Earlier(RunFolder run)
    {
        try { return DocumentFile.Read<RunRecord>(run.RunRecord); }
        catch (FoveaException) { return null; } // an unreadable record is replaced
    }
}
