namespace Fovea.Cli.Tests.Kills;

/// <summary>What ends a program from outside, by the number of the signal.</summary>
internal enum EndSignal
{
    /// <summary>SIGKILL: nothing of the program runs after it.</summary>
    Kill = 9,

    /// <summary>SIGTERM: the program may write a checkpoint first.</summary>
    Terminate = 15,
}
