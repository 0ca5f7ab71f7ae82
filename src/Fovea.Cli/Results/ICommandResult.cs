namespace Fovea.Cli.Results;

/// <summary>
/// What a command says with <c>--json</c>: its properties are the document's keys, after <c>schema</c>. docs/reference/commands.md names
/// them.
/// </summary>
internal interface ICommandResult
{
    /// <summary>The command, as the reference page's table has it.</summary>
    static abstract string Command { get; }
}
