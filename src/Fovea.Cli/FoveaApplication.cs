using System.CommandLine;
using System.CommandLine.Help;
using Fovea.Cli.Commands;
using Fovea.Cli.Terminal;

namespace Fovea.Cli;

/// <summary>The command line as a whole: parses, runs the command, and turns whatever happens into an exit code.</summary>
internal sealed class FoveaApplication
{
    private readonly AppEnvironment _app;

    public FoveaApplication(AppEnvironment app)
    {
        _app = app;
        Root = new RootCommand(
            "What has a convolutional network learned? Images and a network in; features, pictures of them and evidence out.");
        SharedOptions.AddGlobal(Root);
        Root.Add(new DemoCommand(app));
        Root.Add(new NewCommand(app));
        Root.Add(new RunCommand(app));
        Root.Add(new StatusCommand(app));
        Root.Add(new SlurmCommand(app));
        Root.Add(DataCommands.Create(app));
        Root.Add(ModelCommands.Create(app));
        Root.Add(WeightsCommands.Create(app));
        Root.Add(new TrainCommand(app));
        Root.Add(new HarvestCommand(app));
        Root.Add(SaeCommands.Create(app));
        Root.Add(new VisualizeCommand(app));
        Root.Add(new CompareCommand(app));
        Root.Add(new CamCommand(app));
        Root.Add(new InterveneCommand(app));
        Root.Add(new CircuitCommand(app));
        Root.Add(new ShortcutCommand(app));
        Root.Add(new LayersCommand(app));
        Root.Add(new TableCommand(app));
        Root.Add(new ReportCommand(app));
        Root.Add(NoteCommands.Create(app));
        Root.Add(new ExploreCommand(app));
        Root.Add(new SteerCommand(app));
        Root.Add(new TensorBoardCommand(app));
        Root.Add(new DoctorCommand(app));
        Root.Add(new VersionCommand(app));
        Root.Add(new HelpCommand(app));
        ShowHelpOfGroups(Root);
        if (Root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction action } help)
            help.Action = new HelpWithExamples(action);
    }

    /// <summary>The program, and a command that only holds others, say what there is where nothing else is asked for.</summary>
    private void ShowHelpOfGroups(Command command)
    {
        if (command.Subcommands.Count > 0) command.SetAction(parse => HelpCommand.Show(new CommandContext(_app, parse), Root, command));
        foreach (Command inner in command.Subcommands) ShowHelpOfGroups(inner);
    }

    /// <summary>The commands, for the reference page.</summary>
    public RootCommand Root { get; }

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public int Run(IReadOnlyList<string> arguments) => InvariantCulture.Run(() => Parsed(arguments));

    private int Parsed(IReadOnlyList<string> arguments)
    {
        // Options must not bundle (-abc) and @files are no part of the contract: a path may begin with @.
        ParseResult parse = Root.Parse(
            arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (OptionValues.Missing(parse, arguments) is { Count: > 0 } missing)
            return UsageErrors.Report(
                parse.CommandResult, string.Join('\n', missing), arguments.Contains(SharedOptions.JsonName), _app.Console);
        if (parse.Errors.Count > 0 && parse.Action is not HelpWithExamples) return UsageErrors.Report(parse, arguments, _app.Console);
        try
        {
            return parse.Invoke(new InvocationConfiguration
            {
                Output = _app.Console.Output,
                Error = _app.Console.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (FoveaException e)
        {
            // Of the help, which is no command: stdout cannot be written.
            _app.Console.Error.WriteLine($"error: {e.Message}");
            return Failure.Of(e).ExitCode;
        }
    }
}
