using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Fovea.Cli.Results;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary>The options of a process that works beside others: <c>--part</c>, <c>--lease</c>, <c>--wait</c>.</summary>
internal sealed class WorkerOptions
{
    private readonly Option<RunWorker?> _part = new("--part")
    {
        Description = "Work together with other processes: take free parts, starting at place i of N; stop when no part is free.",
        HelpName = "i/N",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseWorker,
    };
    private readonly Option<double?> _lease = new("--lease")
    {
        Description = "With --part: seconds without a sign of life after which workers on other machines take a part over (300).",
        HelpName = "S",
    };

    private readonly Option<bool> _wait = new("--wait")
    {
        Description = "With --part: where nothing is free, wait for what others are making, and go on then.",
    };

    public WorkerOptions()
    {
        _lease.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 1 and <= 1e6))
                result.AddError($"--lease is '{result.Tokens[0].Value}': it must be a number of seconds from 1 to 1,000,000.");
            else if (result.GetResult(_part) is null) result.AddError("--lease is for --part i/N.");
        });
        _wait.Validators.Add(result =>
        {
            if (!result.Implicit && result.GetResult(_part) is null) result.AddError("--wait is for --part i/N.");
        });
    }

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_part);
        command.Add(_lease);
        command.Add(_wait);
    }

    /// <summary>The worker that was asked for; null where none was.</summary>
    public RunWorker? Of(CommandContext context) => context.Get(_part) is { } worker
        ? worker with
        {
            Lease = context.Get(_lease) is { } seconds ? TimeSpan.FromSeconds(seconds) : worker.Lease,
            Waits = context.Get(_wait),
        } : null;

    /// <summary>Says what a worker did and what is left.</summary>
    /// <param name="context">The command.</param>
    /// <param name="result">What it did.</param>
    /// <param name="whenComplete">What is said where nothing is left.</param>
    public static void Say(CommandContext context, WorkResult result, string whenComplete) => context.Result(result, text =>
    {
        foreach (MadeParts made in result.Made) text.WriteLine($"made          {made.Parts} {(made.Parts == 1 ? "part" : "parts")} of {made.Stage}");
        if (result.Made.Count == 0) text.WriteLine("made          nothing: no part was free");
        foreach (string stage in result.Joined) text.WriteLine($"joined        {stage}");
        foreach (string sentence in result.Left) text.WriteLine($"left          {sentence}");
        text.WriteLine(
            result.Complete ? $"complete      {whenComplete}"
                : "left          the same command goes on when a part is free; without --part it also waits for others");
    });

    private static RunWorker? ParseWorker(ArgumentResult result)
    {
        if (result.Tokens.Count == 1 && RunWorker.Parse(result.Tokens[0].Value) is { } worker) return worker;
        result.AddError($"--part is '{string.Join(' ', result.Tokens.Select(token => token.Value))}': it must be i/N with i from 1 to N, such as 3/8.");
        return null;
    }
}
