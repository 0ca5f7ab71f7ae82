using System.Runtime.InteropServices;
using Fovea.Cli.Terminal;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class FailureTests
{
    public static TheoryData<Exception, int> Cases => new()
    {
        { FoveaException.BadConfiguration("x"), 2 },
        { FoveaException.BadData("x"), 3 },
        { FoveaException.NumericalFailure("x"), 4 },
        { FoveaException.OutOfResource("x"), 5 },
        { new FoveaException(FailureKind.Check, "x"), 6 },
        { new OutOfMemoryException(), 5 },
        { new IOException("No space left on device", 28), 5 },
        { new IOException("There is not enough space on the disk.", unchecked((int)0x80070070)), 5 },
        { FoveaException.BadData("Cannot write x", new IOException("No space left on device")), 5 },
        { new ExternalException(
            "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes."),
                5 },
        { new ExternalException("CUDA out of memory. Tried to allocate 2 GiB"), 5 },
        { new ExternalException("mat1 and mat2 shapes cannot be multiplied"), 70 },
        { new AggregateException(FoveaException.BadData("x")), 3 },
        { new DllNotFoundException("libtorch"), 5 },
        { new TypeInitializationException("torch", new DllNotFoundException("libtorch")), 5 },
        { new TypeInitializationException("TorchSharp.torch", new NotSupportedException("This application or script …")), 5 },
        { new TypeInitializationException("x", new OutOfMemoryException()), 5 },
        { new TypeInitializationException("x", new InvalidOperationException("x")), 70 },
        { new ExternalException("std::bad_alloc"), 5 },
        { new ExternalException("could not create a primitive"), 5 },
        { new FileNotFoundException("x", "System.Text.RegularExpressions, Version=10.0.0.0, Culture=neutral"), 5 },
        { new FileLoadException("x", "System.Text.RegularExpressions, Version=10.0.0.0, Culture=neutral"), 5 },
        { new FileNotFoundException("x"), 3 },
        { new FileNotFoundException("x", "/data/images, Vol 1.tar"), 3 },
        { new EndOfStreamException("x"), 3 },
        { new InvalidOperationException("x"), 70 },
        { new NullReferenceException("x"), 70 },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Every_exception_has_its_exit_code(Exception exception, int expected) =>
        Assert.Equal(expected, Failure.Of(exception).ExitCode);

    [Fact]
    public void The_codes_of_kinds_are_those_of_the_contract() =>
        Assert.Equal([2, 3, 4, 5, 6], [ExitCode.Configuration, ExitCode.Data, ExitCode.Numerical, ExitCode.Resource, ExitCode.Check]);
}
