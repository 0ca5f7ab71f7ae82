using System.Security.Cryptography;
using System.Text;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Distributed;

namespace Fovea.Cli.Commands;

/// <summary>
/// A command that several processes carry out together over MPI: the first one as if it were alone, the others help it and are silent. None may end by itself
/// while others still wait for it: whoever fails says why and ends all.
/// </summary>
/// <param name="context">The command line.</param>
/// <param name="patience">How long a process may give no sign of life.</param>
internal sealed class GroupedCommand(CommandContext context, TimeSpan patience)
{
    /// <summary>What most processes find, the first one says; another says it only where that one has not ended all by then.</summary>
    private static readonly TimeSpan WaitForFirst = TimeSpan.FromSeconds(3);

    /// <summary>The first process writes a state after an interruption.</summary>
    private static readonly TimeSpan WaitForState = TimeSpan.FromSeconds(120);

    /// <summary>Runs the command in this process of the group.</summary>
    /// <param name="read">Reads the recipe: what is asked for, and how it is reported.</param>
    /// <param name="run">Carries it out, in the first process.</param>
    /// <param name="fail">Says what went wrong, and gives the exit code.</param>
    /// <returns>The exit code, where all ended well.</returns>
    public int Run(
        Func<(WorkflowRequest Request, Action<WorkflowOutcome> Report)> read, Func<WorkflowRequest, WorkflowOutcome> run, Func<Exception, int> fail)
    {
        ProcessGroup group = ProcessGroup.Start(patience, sentence => context.Console.Error.WriteLine($"error: {Printable.Lines(sentence)}"));
        // What no handler catches must not leave the others waiting.
        AppDomain.CurrentDomain.UnhandledException += (_, thrown) =>
        {
            context.Console.Error.WriteLine(thrown.ExceptionObject.ToString());
            group.Abort(ExitCode.Bug);
        };
        try
        {
            // Libraries take what mpirun sets for a reason to compute with one thread; and sums of libtorch depend on their number.
            int threads = context.Get(SharedOptions.Threads) ?? Math.Max(1, Environment.ProcessorCount / ProcessGroup.OnThisMachine);
            CommandContext.SetThreads(group.FromFirst(threads));
            var (request, report) = read();
            request = request with { Processes = group };
            group.RequireSame(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(request.Run + request.ResolvedRecipe))), "the recipe");
            if (group.Rank == 0)
            {
                int each = TorchSharp.torch.get_num_threads();
                context.Note($"{group.Count} {(group.Count == 1 ? "process" : "processes")} of {each} {(each == 1 ? "thread" : "threads")}, over {group.Library}");
                WorkflowOutcome outcome = run(request);
                report(outcome);
            }
            else context.App.Workflow.Help(request, context.Cancellation);
        }
        catch (Exception e)
        {
            if (group.Rank != 0)
            {
                Thread.Sleep(e is OperationCanceledException ? WaitForState : WaitForFirst);
                context.Console.Error.WriteLine($"process {group.Rank} of {group.Count} on {Environment.MachineName}:");
            }
            int code = fail(e);
            context.Console.Output.Flush();
            group.Abort(code);
            return code;
        }
        // Not in a `finally`: MPI's end waits for all, and after a failure they do not come.
        group.Dispose();
        return ExitCode.Done;
    }
}
