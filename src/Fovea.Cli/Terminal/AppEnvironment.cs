using Fovea.Cli.Workflows;

namespace Fovea.Cli.Terminal;

/// <summary>What a command works with; tests give their own.</summary>
/// <param name="Console">The streams.</param>
/// <param name="Workflow">The workflow.</param>
/// <param name="Interruption">Ctrl+C and SIGTERM.</param>
/// <param name="CommandLine">The command as given, for run.json and for "give the same command again".</param>
/// <param name="Clock">For rates and durations.</param>
internal sealed record AppEnvironment(
    CommandConsole Console, IWorkflowRunner Workflow, Interruption Interruption, string CommandLine, TimeProvider Clock);
