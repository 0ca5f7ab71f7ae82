using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Fovea.Cli.Commands;

namespace Fovea.Cli.Terminal;

/// <summary>The help of a command, with its examples; that of the root with the exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int result = inner.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is FoveaCommand { Examples.Count: > 0 } command)
        {
            output.WriteLine("Examples:");
            foreach (string example in command.Examples) output.WriteLine("  " + example);
            output.WriteLine();
        }
        if (parseResult.CommandResult.Command is RootCommand) output.Write(ExitCode.Help);
        return result;
    }
}
