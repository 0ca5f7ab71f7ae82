namespace Fovea.Cli.Terminal;

/// <summary>The exit codes of the command (docs/reference/commands.md). 2 to 6 are those of <see cref="FailureKind"/>.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Usage = 1;
    public const int Configuration = (int)FailureKind.Configuration;
    public const int Data = (int)FailureKind.Data;
    public const int Numerical = (int)FailureKind.Numerical;
    public const int Resource = (int)FailureKind.Resource;
    public const int Check = (int)FailureKind.Check;
    public const int Bug = 70;
    public const int Interrupted = 130;
    public const int Terminated = 143;

    /// <summary>Each code: what it means, and what to do. The table of docs/reference/commands.md says the same.</summary>
    public static readonly IReadOnlyList<(string Code, string Kind, string Meaning, string Advice)> All =
    [
        ("0", "", "done", ""),
        ("1", "usage", "the command line is wrong: an unknown command or option, or a required one is missing", "see fovea help COMMAND"),
        ("2", "configuration", "a recipe or an option's value is wrong, or a stage's settings changed",
            "correct what the message names; for a changed stage --redo STAGE, or another --out"),
        ("3", "data", "data or a file is missing, damaged, or does not fit",
            "check the file that the message names: fovea data inspect, fovea model inspect, fovea weights inspect"),
        ("4", "numerical", "the numbers went wrong: NaN, or every latent dead",
            "in a training, a smaller learning_rate; else check that the weights are finite and the images normalised as the network expects"),
        ("5", "resource", "memory, disk, a device, a port or a library cannot be had, or another process works in the run folder",
            "memory: a smaller batch_size; disk: free some, then the same command; another process: wait (fovea status RUN); "
            + "device or library: fovea doctor; port: leave --port away"),
        ("6", "check", "a check that was asked for failed", "do what the failed check says"),
        ("70", "bug", "a bug of Fovea", "report it with the output of --verbose"),
        ("130, 143", "interrupted", "interrupted (Ctrl+C; SIGTERM, SIGUSR1)", "a run continues with the same command"),
    ];

    /// <summary>For the help of the root command.</summary>
    public static string Help => "Exit codes, and what to do:\n" + string.Concat(All.Select(
        code => $"  {code.Code,-9} {code.Meaning}\n{(code.Advice.Length == 0 ? "" : $"            {code.Advice}\n")}"));
}
