using System.Reflection;

namespace Fovea.Tests.Architecture;

/// <summary>
/// Which types a compiled type knows: by its base, its interfaces, its fields, the signatures and the bodies of its methods.
/// </summary>
internal static class TypeUses
{
    /// <summary>Each type that is known, and the member by which.</summary>
    public static IEnumerable<(Type Used, string By)> Of(Type type)
    {
        if (type.BaseType is { } parent) yield return (parent, "its base");
        foreach (Type one in type.GetInterfaces()) yield return (one, "an interface");
        foreach (FieldInfo field in type.GetFields(IlReader.Declared)) yield return (field.FieldType, field.Name);
        foreach (MethodBase method in IlReader.Methods(type))
        {
            foreach (Type used in OfSignature(method)) yield return (used, method.Name);
            foreach (LocalVariableInfo local in method.GetMethodBody()?.LocalVariables ?? []) yield return (local.LocalType, method.Name);
            foreach (Type used in IlReader.Instructions(method).SelectMany(OfInstruction)) yield return (used, method.Name);
        }
    }

    /// <summary>A type without its arrays, references and pointers, and the types that it is made of.</summary>
    public static IEnumerable<Type> Parts(Type type)
    {
        while (type.HasElementType) type = type.GetElementType()!;
        if (type.IsGenericParameter) return [];
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];
    }

    private static IEnumerable<Type> OfSignature(MethodBase method)
    {
        IEnumerable<Type> types = method.GetParameters().Select(parameter => parameter.ParameterType);
        return method is MethodInfo { ReturnType: var result } ? types.Append(result) : types;
    }

    private static IEnumerable<Type> OfInstruction(Instruction instruction)
    {
        switch (instruction.Operand)
        {
            case Type type: return [type];
            case FieldInfo field: return [field.DeclaringType!, field.FieldType];
            case MethodBase method:
                IEnumerable<Type> types = OfSignature(method);
                if (method.DeclaringType is { } owner) types = types.Append(owner);
                return method.IsGenericMethod ? types.Concat(method.GetGenericArguments()) : types;
            default: return [];
        }
    }
}
