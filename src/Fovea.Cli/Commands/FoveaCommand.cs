using System.CommandLine;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary>Base of the commands: runs one, reports its failure, gives the exit code.</summary>
internal abstract class FoveaCommand : Command
{
    private readonly AppEnvironment _app;

    protected FoveaCommand(AppEnvironment app, string name, string description) : base(name, description)
    {
        _app = app;
        SetAction(Invoke);
    }

    /// <summary>Command lines for the help.</summary>
    public IReadOnlyList<string> Examples { get; protected init; } = [];

    /// <summary>Does the work.</summary>
    /// <returns>The exit code.</returns>
    protected abstract int Execute(CommandContext context);

    /// <summary>What can be done after an interruption; a command whose run can be continued says so.</summary>
    protected virtual string AfterInterruption(CommandContext context) => "Nothing was written.";

    private int Invoke(ParseResult parse)
    {
        var context = new CommandContext(_app, parse);
        try
        {
            context.RequireWords(Arguments);
            context.RequirePlaces(Options);
            context.SetThreads();
            return Execute(context);
        }
        catch (Exception e)
        {
            return Fail(context, e);
        }
    }

    /// <summary>Says what went wrong, or that it was interrupted.</summary>
    /// <returns>The exit code.</returns>
    protected int Fail(CommandContext context, Exception exception) => exception is OperationCanceledException && _app.Interruption.ExitCode != 0
        ? Fail(context, new Failure("interrupted", $"Interrupted. {AfterInterruption(context)}", _app.Interruption.ExitCode), null)
        : Fail(context, Failure.Of(exception), exception);

    private static int Fail(CommandContext context, Failure failure, Exception? exception)
    {
        if (context.Verbose && exception is not null) context.Console.Error.WriteLine(exception.ToString());
        if (context.Json && !context.HasResult) JsonOutput.WriteError(context.Console.Output, failure, context.Console.Error);
        context.Console.Error.WriteLine(Printable.Lines(exception is null ? failure.Message : $"error: {failure.Message}"));
        return failure.ExitCode;
    }
}
