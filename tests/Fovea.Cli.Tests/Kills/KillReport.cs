using System.Globalization;

namespace Fovea.Cli.Tests.Kills;

/// <summary>What interrupting a command again and again came to.</summary>
/// <param name="name">The command.</param>
internal sealed class KillReport(string name)
{
    private readonly SortedDictionary<string, int> _stages = new(StringComparer.Ordinal);

    /// <summary>Times that it was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>Times that it was asked to end, and did.</summary>
    public int Terminations { get; private set; }

    /// <summary>Those among them that came before the program listened to signals: the runtime ends it then, without a word.</summary>
    public int Unheard { get; set; }

    /// <summary>Runs, each interrupted several times before it came to its end.</summary>
    public int Runs { get; set; }

    /// <summary>Signals that came when the command had ended, or was about to: they count for nothing.</summary>
    public int Late { get; set; }

    /// <summary>Files and bytes of a run that are compared.</summary>
    public (int Files, long Bytes) Compared { get; set; }

    /// <summary>Processor time without a break, and until the first file is written.</summary>
    public (TimeSpan Whole, TimeSpan Start) Computed { get; set; }

    /// <summary>The longest time from a request to the end.</summary>
    public TimeSpan LongestAnswer { get; private set; }

    /// <summary>Notes an interruption that counts.</summary>
    /// <param name="signal">How.</param>
    /// <param name="stage">Where.</param>
    /// <param name="answer">How long the program went on.</param>
    public void Add(EndSignal signal, string stage, TimeSpan answer)
    {
        if (signal == EndSignal.Kill) Kills++;
        else
        {
            Terminations++;
            if (answer > LongestAnswer) LongestAnswer = answer;
        }
        _stages[stage] = _stages.GetValueOrDefault(stage) + 1;
    }

    /// <summary>A row of the table in docs/reference/attacks.md, and what is not in it.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Kills} | {Terminations} | {Runs} | {string.Join(", ", _stages.Select(one => $"{one.Key} {one.Value}"))} | {Compared.Files} | {Compared.Bytes} | 0 | "
            + $"({Unheard} before it listened, {Late} too late, longest answer {LongestAnswer.TotalSeconds:0.0} s, {Computed.Whole.TotalSeconds:0.0} s of the processor, {Computed.Start.TotalSeconds:0.0} s until it begins)");
}
