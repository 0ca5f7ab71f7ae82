using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Fovea;

/// <summary>
/// Tells a lack of memory from an error of what was given: native libraries report both as one type of exception. Who tries something and
/// goes another way where it fails must not take the one for the other: with more memory the same command would give other numbers.
/// </summary>
public static class Shortage
{
    private static readonly string[] Words =
        ["out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "DefaultCPUAllocator", "CUDA error",
            "CUBLAS_STATUS_ALLOC_FAILED", "bad_alloc", "bad allocation", "failed to allocate memory", "failed to map segment",
            "could not create a primitive", "could not create a memory object"];

    // oneDNN's word for what it has no way to compute, whatever the memory.
    private const string Unsupported = "primitive descriptor";

    /// <summary>Whether memory, or something else that a machine has too little of, ran out.</summary>
    /// <param name="exception">What was thrown, as it was or wrapped.</param>
    public static bool Is(Exception? exception) => exception switch
    {
        null => false,
        OutOfMemoryException or FoveaException { Kind: FailureKind.Resource } => true,
        FoveaException => false,
        ExternalException or OnnxRuntimeException or DllNotFoundException =>
            !exception.Message.Contains(Unsupported, StringComparison.OrdinalIgnoreCase)
                && Words.Any(part => exception.Message.Contains(part, StringComparison.OrdinalIgnoreCase)),
        AggregateException or TypeInitializationException or System.Reflection.TargetInvocationException => Is(exception.InnerException),
        _ => false,
    };
}
