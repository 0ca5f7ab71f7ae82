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

    /// <summary>For the help of the root command.</summary>
    public const string Help =
        """
        Exit codes:
          0  done
          1  wrong usage of the command line
          2  a recipe or an option's value is wrong
          3  data or a file is missing or damaged
          4  the numbers went wrong (NaN, every latent dead)
          5  memory, disk or device ran out
          6  a check that was asked for failed
          70 a bug of ours
          130, 143  interrupted (Ctrl+C, SIGTERM); a run continues with the same command
        """;
}
