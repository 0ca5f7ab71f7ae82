using System.Globalization;
using Fovea.IO;
using Fovea.Numerics;
using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests.Kills;

/// <summary>
/// Runs a command without a break, then runs of it that are killed and asked to end several times each, at moments drawn from a seed, until
/// they come to their end; and compares every file.
/// </summary>
/// <param name="command">The command.</param>
/// <param name="folder">Where its runs go.</param>
/// <param name="seed">Of the moments.</param>
internal sealed class ProgramKills(KilledCommand command, string folder, ulong seed)
{
    private const int InARun = 8, StartsOutOf = 8;

    private readonly KillReport _report = new(command.Name);
    private readonly List<string> _moments = [];
    // The same command means the same folder, so the run without a break is moved away.
    private readonly string _run = Path.Combine(folder, "run"), _reference = Path.Combine(folder, "reference");
    private TimeSpan _start, _whole;

    private RunFolder Run => new(_run);

    /// <summary>Interrupts runs until there were so many interruptions.</summary>
    /// <param name="kills">By SIGKILL.</param>
    /// <param name="terminations">By SIGTERM.</param>
    public KillReport Interrupt(int kills, int terminations)
    {
        RunWithoutABreak();
        int longest = Math.Min(InARun, kills + terminations);
        for (int left = kills + terminations; left > 0 && _report.Runs < kills + terminations + 3; _report.Runs++)
        {
            var random = new CounterRandom(seed, command.Name, _report.Runs);
            Begin();
            for (int i = 0; i < longest && left > 0; i++)
            {
                bool kill = random.NextInt(left) < kills - _report.Kills;
                if (!Stop(kill ? EndSignal.Kill : EndSignal.Terminate, Moment(random, longest))) break;
                left--;
            }
            ComesToItsEnd();
        }
        Assert.Equal((kills, terminations), (_report.Kills, _report.Terminations));
        return _report;
    }

    private void RunWithoutABreak()
    {
        Begin();
        string? before = Record();
        bool begun = false;
        var ending = InterruptedProgram.Run(command.Arguments(_run), computed =>
        {
            if (begun) return;
            _start = computed;
            begun = Record() != before;
        });
        Assert.True(ending.Code == 0, Told("the run without a break", ending));
        _whole = ending.Computed;
        Directory.Move(_run, _reference);
        (_report.Compared, _report.Computed) = ((FolderCopies.Files(_reference).Length, FolderCopies.Bytes(_reference)), (_whole, _start));
    }

    private void Begin()
    {
        _moments.Clear();
        if (command.Start is { } start) FolderCopies.Copy(start, _run);
    }

    /// <summary>
    /// Mostly after the command has begun, up to three times the even share of what there is to do: what was done before is not done again, so
    /// that the moments of a run fall all along it. Some while it starts.
    /// </summary>
    private TimeSpan Moment(CounterRandom random, int times) => random.NextInt(StartsOutOf) == 0
        ? random.NextDouble() * _start
        : _start + random.NextDouble() * 3 / (times + 1) * (_whole - _start);

    /// <summary>Interrupts it once; false where it had come to its end before.</summary>
    private bool Stop(EndSignal signal, TimeSpan moment)
    {
        string? before = Record();
        var ending = InterruptedProgram.Run(command.Arguments(_run), signal, moment);
        string what = string.Create(CultureInfo.InvariantCulture, $"{signal} after {moment.TotalSeconds:0.00} s");
        if (ending.Code == 0)
        {
            _report.Late++;
            return false;
        }
        Assert.True(ending.Code == InterruptedProgram.CodeOf(signal), Told(what, ending));
        bool begun = Record() != before;
        string stage = begun ? command.StageIn(_run) : "start";
        _moments.Add($"{what}, in {stage}");
        if (signal == EndSignal.Terminate) SaidSo(begun, Told(what, ending), ending.Error);
        _report.Add(signal, stage, ending.Answer);
        return true;
    }

    /// <summary>A program that is asked to end says that it does, and how to go on, and leaves nothing half written.</summary>
    private void SaidSo(bool begun, string told, string error)
    {
        string last = error.TrimEnd().Split('\n')[^1];
        if (last.Length == 0 && !begun)
        {
            _report.Unheard++;
            return;
        }
        Assert.True(last.StartsWith("Interrupted. The same command continues", StringComparison.Ordinal), told);
        if (!begun) return;
        string[] halves = [.. Directory.EnumerateFiles(_run, "*" + AtomicFile.TemporarySuffix, SearchOption.AllDirectories)];
        Assert.True(halves.Length == 0, $"{string.Join(", ", halves)} half written after {told}");
    }

    private void ComesToItsEnd()
    {
        var ending = InterruptedProgram.Run(command.Arguments(_run));
        Assert.True(ending.Code == 0, Told("the same command again", ending));
        var different = FolderCopies.Differences(_reference, _run);
        Assert.True(different.Count == 0, $"{string.Join(", ", different)} ({command.Name}, seed {seed}: {string.Join("; ", _moments)})");
        Directory.Delete(_run, recursive: true);
    }

    /// <summary>What the run says of itself: every invocation that works on it writes it first of all.</summary>
    private string? Record() => File.Exists(Run.RunRecord) ? File.ReadAllText(Run.RunRecord) : null;

    private string Told(string what, InterruptedProgram.Ending ending) =>
        $"{command.Name}, seed {seed}, {string.Join("; ", _moments)}; {what}: exit code {ending.Code}, {ending.Error}";
}
