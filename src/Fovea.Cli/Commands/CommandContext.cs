using System.CommandLine;
using Fovea.Cli.Terminal;
using Fovea.IO;
using TorchSharp;

namespace Fovea.Cli.Commands;

/// <summary>One invocation of a command: its options and the ways to report.</summary>
internal sealed class CommandContext(AppEnvironment app, ParseResult parse)
{
    public AppEnvironment App { get; } = app;

    public CommandConsole Console => App.Console;

    public CancellationToken Cancellation => App.Interruption.Token;

    public bool Json => parse.GetValue(SharedOptions.Json);

    public bool Quiet => parse.GetValue(SharedOptions.Quiet);

    public bool Verbose => parse.GetValue(SharedOptions.Verbose);

    /// <summary>The program's commands.</summary>
    public Command Root => parse.RootCommandResult.Command;

    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    public T Get<T>(Argument<T> argument) => parse.GetRequiredValue(argument);

    /// <summary>Whether the option stands on the command line.</summary>
    public bool Has(Option option) => parse.GetResult(option) is { Implicit: false };

    /// <summary>Refuses arguments of no letter: a variable of the shell that is not set.</summary>
    /// <param name="arguments">The command's.</param>
    public void RequireWords(IEnumerable<Argument> arguments)
    {
        foreach (Argument argument in arguments)
        {
            if (parse.GetResult(argument)?.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)) == true)
                throw FoveaException.BadConfiguration($"{argument.Name} is empty (a variable of the shell that is not set?).");
        }
    }

    /// <summary>Refuses files and folders that cannot be any, before anything is done for them.</summary>
    /// <param name="options">The command's.</param>
    public void RequirePlaces(IEnumerable<Option> options)
    {
        foreach (Option option in options.Where(one => one.HelpName is "FILE" or "FILE.onnx" or "DIR" && one.ValueType == typeof(string)))
        {
            if (parse.GetResult(option) is not { Implicit: false, Tokens: [.., { Value: var place }] }) continue;
            if (string.IsNullOrWhiteSpace(place)) throw FoveaException.BadConfiguration($"{option.Name} is empty: name a {(option.HelpName == "DIR" ? "folder" : "file")}.");
            bool written = option.Name is "--csv" or "--out" or "--scripts";
            if (written && option.HelpName != "DIR" && Directory.Exists(place))
                throw FoveaException.BadConfiguration($"{option.Name}: {place} is a folder. Name the file to write.");
            if (written && option.HelpName == "DIR" && File.Exists(place))
                throw FoveaException.BadConfiguration($"{option.Name}: {place} is a file. Name the folder to write into.");
            if (written && option.HelpName == "DIR") WritablePlace.RequireFolder(place, option.Name);
            else if (written) WritablePlace.RequireFile(place, option.Name);
        }
    }

    /// <summary>A line for people on stderr.</summary>
    public void Note(string line)
    {
        if (!Quiet) Console.Error.WriteLine(Printable.Lines(line));
    }

    /// <summary>What may be wrong though the command goes on: a line on stderr that <c>--quiet</c> does not hide.</summary>
    public void Warn(string line) => Console.Error.WriteLine("warning: " + Printable.Lines(line));

    /// <summary>The display of progress; the caller disposes it before results are printed.</summary>
    public ProgressDisplay Progress() => ProgressDisplay.Create(Console, Quiet, App.Clock);

    /// <summary>Whether the result is out: what fails after it is said on stderr alone, since stdout holds one document.</summary>
    public bool HasResult { get; private set; }

    /// <summary>The result: one JSON document, or text for people.</summary>
    public void Result(object document, Action<TextWriter> text)
    {
        HasResult = true;
        if (Json) JsonOutput.Write(Console.Output, document);
        else text(Console.Output);
    }

    /// <summary>Applies <c>--threads</c>, where the command has it: those are the ones that compute.</summary>
    public void SetThreads()
    {
        if (parse.CommandResult.Command.Options.Contains(SharedOptions.Threads)) AddressSpace.RequireEnoughToBegin();
        if (parse.GetValue(SharedOptions.Threads) is { } threads) SetThreads(threads);
    }

    /// <summary>Computes with a number of threads.</summary>
    public static void SetThreads(int threads)
    {
        torch.set_num_threads(threads);
        // The number of threads between operations can be set once in a process, before any ran.
        if (torch.get_num_interop_threads() != threads) torch.set_num_interop_threads(threads);
    }

    /// <summary>The device that <c>--device</c> names.</summary>
    /// <exception cref="FoveaException">This machine or build has none such.</exception>
    public torch.Device Device() => Devices.Open(Get(SharedOptions.Device) ?? "auto");
}
