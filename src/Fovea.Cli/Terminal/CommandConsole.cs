using Spectre.Console;

namespace Fovea.Cli.Terminal;

/// <summary>The two streams a command writes to, and what they can show. Tests give their own.</summary>
internal sealed class CommandConsole
{
    /// <summary>Over the given writers.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Progress, notes and errors.</param>
    /// <param name="errorIsTerminal">Whether a person watches <paramref name="error"/>: bars are drawn.</param>
    /// <param name="colour">Whether colours are wanted.</param>
    public CommandConsole(TextWriter output, TextWriter error, bool errorIsTerminal, bool colour)
    {
        (Output, Error, ErrorIsTerminal) = (output, error, errorIsTerminal);
        Ansi = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(error),
            Ansi = errorIsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = errorIsTerminal && colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = errorIsTerminal ? InteractionSupport.Yes : InteractionSupport.No,
        });
    }

    /// <summary>stdout.</summary>
    public TextWriter Output { get; }

    /// <summary>stderr.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether stderr is a terminal that can redraw.</summary>
    public bool ErrorIsTerminal { get; }

    /// <summary>stderr for bars.</summary>
    public IAnsiConsole Ansi { get; }

    /// <summary>The process's own streams; <c>NO_COLOR</c> and <c>TERM=dumb</c> are honoured.</summary>
    public static CommandConsole OfProcess()
    {
        // mpirun gives each process a terminal of its own for stdout, which nobody watches: .NET would write to it how keys are to be sent.
        if (Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE") is not null) Environment.SetEnvironmentVariable("TERM", "dumb");
        bool colour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        bool terminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new CommandConsole(new ResultWriter(Console.Out), new NoteWriter(Console.Error), terminal, colour);
    }
}
